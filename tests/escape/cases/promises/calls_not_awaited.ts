// Tries: calls that nobody awaits at the end
// Stopped by: runtime
// Client sees: shows 1
for (let i = 0; i < 10; i++) hub.add({ a: 1, b: 1 });
return 1;
