// Tries: the constructors of async, generator and async generator functions
// Stopped by: engine
// Client sees: value ["EvalError","EvalError","EvalError","EvalError"]
const kinds = [() => {}, async () => {}, function* () {}, async function* () {}];
return kinds.map((kind) => {
  try {
    return typeof kind.constructor("return globalThis")();
  } catch (error) {
    return error.name;
  }
});
