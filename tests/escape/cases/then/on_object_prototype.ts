// Tries: then on Object.prototype, so that every reply is thenable
// Stopped by: runtime
// Client sees: value 42
const calls = [];
Object.prototype.then = function (resolve) { calls.push(1); delete Object.prototype.then; resolve(this); };
const { sum } = await hub.add({ a: 19, b: 23 });
delete Object.prototype.then;
return sum;
