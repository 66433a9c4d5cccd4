// Tries: one array of a hundred million
// Stopped by: engine-limits
// Client sees: MemoryLimit: limits.memory
return new Array(1e8).fill(0).length;
