// Tries: an error with a chain of prototypes without end of proxies
// Stopped by: runtime
// Client sees: ScriptError
const error = new Error("x");
let chain: any = new Proxy({}, { getPrototypeOf() { for (;;); } });
for (let i = 0; i < 100; i++) chain = Object.create(chain);
Object.setPrototypeOf(error, chain);
throw error;
