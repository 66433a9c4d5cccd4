// Tries: the constructor chain of what a host call returns
// Stopped by: engine
// Client sees: value "EvalError"
const promise = hub.add({ a: 1, b: 1 });
const result = await promise;
try {
  return [promise, result, hub, hub.add, mcp.call].map((value) => value?.constructor?.constructor?.("return 1")?.());
} catch (error) {
  return error.name;
}
