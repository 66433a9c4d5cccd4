// Tries: an array that is a proxy without end
// Stopped by: runtime
// Client sees: ResultLimit | MemoryLimit | CpuLimit
return new Proxy([], { get: (target, name) => (name === "length" ? 2 ** 53 : name === "toJSON" ? undefined : 1) });
