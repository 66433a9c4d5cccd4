// Tries: __proto__ in a result stays a member of it
// Stopped by: runtime
// Client sees: value {"__proto__":{"a":1},"b":2}
return JSON.parse('{"__proto__":{"a":1},"b":2}');
