// Tries: __proto__ in the arguments of a call reaches the server as data
// Stopped by: broker
// Client sees: value ["__proto__","a"]
const reply = await hub.echo(JSON.parse('{"__proto__":{"admin":true},"a":1}'));
return Object.keys(reply);
