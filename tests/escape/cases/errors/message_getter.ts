// Tries: an error whose message, name and stack are getters
// Stopped by: runtime
// Client sees: ScriptError
const error = new Error("x");
for (const name of ["message", "name", "stack", "cause"]) Object.defineProperty(error, name, { get() { for (;;); } });
throw error;
