// Tries: a thrown proxy of an error
// Stopped by: runtime
// Client sees: ScriptError: [Proxy]
throw new Proxy(new Error("x"), { get() { for (;;); }, getOwnPropertyDescriptor() { for (;;); }, getPrototypeOf() { for (;;); } });
