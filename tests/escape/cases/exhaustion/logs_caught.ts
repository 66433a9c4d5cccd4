// Tries: log lines without end, in a try
// Stopped by: cpu-limit
// Client sees: CpuLimit: limits.cpu
for (;;) try { console.log("x".repeat(1000)); } catch {}
