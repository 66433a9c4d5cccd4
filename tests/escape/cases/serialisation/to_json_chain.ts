// Tries: toJSON that gives a new object with toJSON, for ever
// Stopped by: runtime
// Client sees: shows Nested too deeply
const chain = () => ({ toJSON: () => chain() });
return chain();
