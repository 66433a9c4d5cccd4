// Tries: the engine's own functions
// Stopped by: prepare
// Client sees: SyntaxError
return %GetOptimizationStatus(() => {});
