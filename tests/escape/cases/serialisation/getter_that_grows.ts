// Tries: a getter that adds members to its own object
// Stopped by: runtime
// Client sees: value {"a":1}
const value: any = { get a() { for (let i = 0; i < 1000; i++) value["b" + i] = 1; return 1; } };
return value;
