// Tries: a loop without end
// Stopped by: cpu-limit
// Client sees: CpuLimit: limits.cpu
for (;;);
