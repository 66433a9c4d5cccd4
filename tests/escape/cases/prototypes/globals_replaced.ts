// Tries: every global that the runtime could use replaced
// Stopped by: runtime
// Client sees: value 42
const names = ["Object", "Array", "Promise", "Error", "TypeError", "RangeError", "Map", "Set", "WeakMap", "JSON", "Math", "Reflect", "Proxy", "String", "Number", "Symbol", "RegExp", "Uint8Array", "Date", "console"];
for (const name of names) globalThis[name] = function () { throw "replaced"; };

const { sum } = await hub.add({ a: 19, b: 23 });
return sum;
