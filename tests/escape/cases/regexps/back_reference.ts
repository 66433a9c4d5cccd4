// Tries: a pattern with a back reference, which no linear engine takes
// Stopped by: cpu-limit
// Client sees: CpuLimit: limits.cpu
return /^(a|a?)+\1$/.test("a".repeat(60) + "b");
