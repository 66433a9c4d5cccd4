// Tries: a loop that catches and goes on
// Stopped by: cpu-limit
// Client sees: CpuLimit: limits.cpu
for (;;) try { for (;;); } finally { continue; }
