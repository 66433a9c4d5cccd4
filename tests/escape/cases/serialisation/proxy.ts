// Tries: a proxy that forges keys, descriptors and values
// Stopped by: runtime
// Client sees: value {"a":"forged"}
return new Proxy({}, {
  ownKeys: () => ["a"],
  getOwnPropertyDescriptor: () => ({ value: "no", enumerable: true, configurable: true }),
  get: (target, name) => (name === "toJSON" ? undefined : "forged"),
});
