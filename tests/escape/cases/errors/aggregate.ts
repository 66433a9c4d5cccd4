// Tries: an AggregateError with a million errors
// Stopped by: runtime
// Client sees: ScriptError: 100000 errors in all
throw new AggregateError(new Array(100000).fill(new Error("x")));
