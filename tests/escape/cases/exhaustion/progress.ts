// Tries: progress without end
// Stopped by: cpu-limit
// Client sees: CpuLimit: limits.cpu
for (let i = 0; ; i++) try { mcp.progress(i); } catch {}
