// Tries: objects without end
// Stopped by: engine-limits
// Client sees: MemoryLimit: limits.memory
const kept = []; for (;;) kept.push({ a: new Array(100).fill(1.5) });
