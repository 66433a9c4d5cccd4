// Tries: a getter that never returns
// Stopped by: cpu-limit
// Client sees: CpuLimit: limits.cpu
return { get a() { for (;;); } };
