// Tries: a thrown object without a prototype
// Stopped by: runtime
// Client sees: ScriptError: a: 1
throw Object.assign(Object.create(null), { a: 1 });
