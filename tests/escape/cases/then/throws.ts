// Tries: a result whose then throws
// Stopped by: runtime
// Client sees: ScriptError: from then
return { then() { throw new Error("from then"); } };
