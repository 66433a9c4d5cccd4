// Tries: a getter that calls a tool while the result is written
// Stopped by: runtime
// Client sees: shows {"a":1}
return { get a() { hub.add({ a: 1, b: 1 }); return 1; } };
