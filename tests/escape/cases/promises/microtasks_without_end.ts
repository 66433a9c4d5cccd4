// Tries: microtasks that make microtasks, each a link of a chain
// Stopped by: cpu-limit | engine-limits
// Client sees: CpuLimit: limits.cpu | MemoryLimit: limits.memory
const again = () => Promise.resolve().then(again);
await again();
