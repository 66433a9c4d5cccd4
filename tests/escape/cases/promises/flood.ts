// Tries: promises that are kept
// Stopped by: engine-limits
// Client sees: MemoryLimit: limits.memory
const kept = [];
for (;;) kept.push(Promise.resolve().then(() => {}));
