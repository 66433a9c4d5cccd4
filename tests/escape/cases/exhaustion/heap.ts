// Tries: objects without end
// Stopped by: engine-limits
// Client sees: MemoryLimit: limits.memory
const kept = []; for (;;) kept.push({ a: [1, 2, 3] });
