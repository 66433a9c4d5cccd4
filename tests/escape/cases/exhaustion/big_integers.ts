// Tries: an integer of ten million digits
// Stopped by: cpu-limit
// Client sees: CpuLimit | MemoryLimit
let n = 3n; for (;;) n *= n;
