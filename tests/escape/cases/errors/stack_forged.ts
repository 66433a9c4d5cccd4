// Tries: a stack that names other places
// Stopped by: runtime
// Client sees: ScriptError: at line 4
const error = new Error("x");
error.stack = "Error: x\n    at /etc/passwd:1:1";
throw error;
