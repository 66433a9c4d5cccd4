// Tries: a message of ten million characters
// Stopped by: runtime
// Client sees: ScriptError: xxxx
throw new Error("x".repeat(1e7));
