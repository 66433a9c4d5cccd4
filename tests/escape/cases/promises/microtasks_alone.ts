// Tries: microtasks that make microtasks
// Stopped by: cpu-limit
// Client sees: CpuLimit: limits.cpu
const again = () => queueMicrotask(again);
again();
await new Promise(() => {});
