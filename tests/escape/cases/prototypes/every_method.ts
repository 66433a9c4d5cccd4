// Tries: every method of every built-in prototype replaced
// Stopped by: runtime
// Client sees: shows 42; still here
const define = Object.defineProperty;
const keys = Reflect.ownKeys;
const PromiseKept = Promise;
const constructors = [Array, String, Number, Boolean, RegExp, Map, Set, WeakMap, WeakSet, Date, Error, Function, Symbol, BigInt, Uint8Array, ArrayBuffer, DataView];
const lists = constructors.map((constructor) => [constructor.prototype, keys(constructor.prototype)]);
lists.push([JSON, keys(JSON)], [Math, keys(Math)], [Reflect, keys(Reflect)], [Object, keys(Object)], [Object.getPrototypeOf(Uint8Array.prototype), keys(Object.getPrototypeOf(Uint8Array.prototype))]);
for (let i = 0; i < lists.length; i++)
  for (let k = 0; k < lists[i][1].length; k++) {
    const name = lists[i][1][k];
    if (name === "constructor" || name === "prototype" || name === "length" || name === "name") continue;
    try { define(lists[i][0], name, { value() { throw "replaced"; } }); } catch {}
  }

const { sum } = await hub.add({ a: 19, b: 23 });
console.log("still here", { sum });
await new PromiseKept((done) => { setTimeout(done, 1); });
return sum;
