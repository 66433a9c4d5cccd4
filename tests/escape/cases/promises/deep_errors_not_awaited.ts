// Tries: calls that fail with data as deep as a message may be, not awaited
// Stopped by: runtime
// Client sees: shows 1; nothing caught: deep
for (let i = 0; i < 5; i++) hub.fail_error();
await hub.add({ a: 1, b: 1 });
return 1;
