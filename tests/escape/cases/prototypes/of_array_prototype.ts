// Tries: a proxy behind Array.prototype and Object.prototype
// Stopped by: runtime
// Client sees: value 42
const trap = new Proxy({}, { get() { throw new Error("asked"); }, has() { throw new Error("asked"); }, set() { throw new Error("asked"); } });
Object.setPrototypeOf(Array.prototype, trap);

const { sum } = await hub.add({ a: 19, b: 23 });
return sum;
