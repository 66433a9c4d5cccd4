// Tries: a thrown symbol
// Stopped by: runtime
// Client sees: ScriptError: Symbol(x)
throw Symbol("x");
