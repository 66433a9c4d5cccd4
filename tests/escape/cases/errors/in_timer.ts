// Tries: an error in a timer, where nothing can catch it
// Stopped by: runtime
// Client sees: ScriptError: from the timer
setTimeout(() => { throw new Error("from the timer"); }, 1);
await new Promise(() => {});
