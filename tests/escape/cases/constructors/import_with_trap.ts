// Tries: import() of an object whose toString runs
// Stopped by: prepare | engine
// Client sees: SyntaxError: there are no modules
const seen = [];
await import({ toString() { seen.push("ran"); return "fs"; } } as any).catch((error) => seen.push(error.name));
return seen;
