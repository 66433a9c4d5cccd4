// Tries: setters and getters on the indices of Array.prototype
// Stopped by: runtime
// Client sees: shows [42,3]; a and 1
for (const index of [0, 1, 2, 3])
  Object.defineProperty(Array.prototype, index, { __proto__: null, configurable: true, get() { throw new Error("read"); }, set() { throw new Error("written"); } } as any);

const { sum } = await hub.add({ a: 19, b: 23 });
console.log("%s and %d", "a", 1, [1, , 3]);
mcp.call("hub", "add", { a: 1, b: 2 });
const three = (await mcp.call("hub", "add", { a: 1, b: 2 })).structuredContent.sum;
for (const index of [0, 1, 2, 3]) delete Array.prototype[index];
return [sum, three];
