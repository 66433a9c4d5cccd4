// Tries: Promise.prototype.then, catch, finally, constructor and its species
// Stopped by: runtime
// Client sees: value 42
const species = Symbol.species;
Promise.prototype.then = Promise.prototype.catch = Promise.prototype.finally = function () { throw new Error("then"); };
Object.defineProperty(Promise, species, { get() { throw new Error("species"); } });
Object.defineProperty(Promise.prototype, "constructor", { get() { throw new Error("constructor"); } });
queueMicrotask(() => {});
const call = hub.add({ a: 19, b: 23 });
Object.defineProperty(Promise.prototype, "constructor", { value: Promise });
const { sum } = await call;
return sum;
