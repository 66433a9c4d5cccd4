// Tries: changing the object of a server
// Stopped by: runtime
// Client sees: value [false,false,false,"function",42]
const results = [Reflect.set(hub, "add", 1), Reflect.defineProperty(hub, "add", { value: 1 }), Reflect.setPrototypeOf(hub, {})];

const { sum } = await hub.add({ a: 19, b: 23 });
return [...results, typeof hub.add, sum];
