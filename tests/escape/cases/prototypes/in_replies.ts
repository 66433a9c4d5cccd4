// Tries: __proto__ and constructor in the reply of a server
// Stopped by: runtime
// Client sees: value [null,["__proto__","constructor"],true]
const reply = await hub.prototype({});
return [({} as any).polluted ?? null, Object.keys(reply), Object.getPrototypeOf(reply) === Object.prototype];
