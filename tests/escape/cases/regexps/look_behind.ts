// Tries: a pattern with look-behind
// Stopped by: cpu-limit
// Client sees: CpuLimit | value false
return /(?<=(a+)+b)c/.test("a".repeat(60) + "c");
