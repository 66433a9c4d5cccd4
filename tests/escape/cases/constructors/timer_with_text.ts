// Tries: code as text for setTimeout
// Stopped by: runtime
// Client sees: ScriptError: setTimeout takes a function
setTimeout("globalThis.hostile_left = 1", 1);
