// Tries: a length that is an object
// Stopped by: runtime
// Client sees: shows [1
let asked = 0;
return new Proxy([], { get: (target, name) => (name === "length" ? { valueOf: () => (asked++ > 0 ? 0 : 1) } : name === "toJSON" ? undefined : 1) });
