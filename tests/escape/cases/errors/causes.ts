// Tries: a chain of ten thousand causes, and one that is a cycle
// Stopped by: runtime
// Client sees: ScriptError: cause
let error: any = new Error("first");
for (let i = 0; i < 10000; i++) error = new Error("x", { cause: error });
const cycle: any = new Error("cycle");
cycle.cause = cycle;
error.errors = [cycle, cycle];
throw error;
