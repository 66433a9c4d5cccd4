// Tries: the Function constructor, with and without new
// Stopped by: engine
// Client sees: EvalError | ScriptError: EvalError; code can't be made from strings here
const make = Function;
return new make("return this")();
