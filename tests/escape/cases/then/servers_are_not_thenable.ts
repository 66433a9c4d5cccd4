// Tries: awaiting the object of a server calls no tool
// Stopped by: runtime
// Client sees: value [true,0]
const same = (await hub) === hub;
return [same, 0];
