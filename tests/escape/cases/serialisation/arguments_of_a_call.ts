// Tries: toJSON and getters in the arguments of a call
// Stopped by: broker
// Client sees: value {"a":2,"b":"x"}
return hub.echo({ a: { toJSON: () => 2 }, get b() { return "x"; } });
