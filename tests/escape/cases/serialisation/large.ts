// Tries: a value larger than a result may be
// Stopped by: runtime
// Client sees: ResultLimit | MemoryLimit
return Array.from({ length: 400 }, () => "x".repeat(100000));
