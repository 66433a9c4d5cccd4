// Tries: more calls than an execution may make
// Stopped by: runtime
// Client sees: CallLimit: limits.calls
const calls = [];
for (let i = 0; i < 1000; i++) calls.push(hub.add({ a: 1, b: 1 }));
await Promise.all(calls);
