// Tries: a result whose then gives a result with then, for ever
// Stopped by: cpu-limit
// Client sees: CpuLimit: limits.cpu
const again = () => ({ then(resolve) { resolve(again()); } });
return again();
