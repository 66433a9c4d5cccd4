// Tries: getters on Object.prototype for every name that the runtime uses
// Stopped by: runtime
// Client sees: shows 42; a line
const names = ["place", "kind", "members", "name", "message", "value", "get", "set", "enumerable", "then", "toJSON", "cause", "errors",
  "transfer", "timeout", "limit", "frames", "function", "line", "column", "server", "tool", "content", "code", "data", "raw", "once", "type"];
const seen = [];
for (const name of names)
  Object.defineProperty(Object.prototype, name, { __proto__: null, configurable: true, get() { seen.push(name); return undefined; }, set() { seen.push(name); } } as any);

const { sum } = await hub.add({ a: 19, b: 23 });
console.log("a line", { a: 1 });
mcp.progress(1);
for (const name of names) delete Object.prototype[name];
return seen.filter((name) => name !== "then" && name !== "toJSON").length === 0 ? sum : seen;
