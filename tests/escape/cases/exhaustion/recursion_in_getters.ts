// Tries: recursion through proxies
// Stopped by: engine-limits
// Client sees: StackLimit: Maximum call stack size exceeded
let proxy: any = {};
for (let i = 0; i < 100000; i++) proxy = new Proxy(proxy, {});
return proxy.a;
