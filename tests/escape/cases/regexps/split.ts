// Tries: splitting a text at a pattern that back-tracks
// Stopped by: engine | cpu-limit
// Client sees: CpuLimit | value 1
return ("a".repeat(60) + "b").split(/(a+)+$/).length;
