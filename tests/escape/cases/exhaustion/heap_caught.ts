// Tries: objects without end, in a try
// Stopped by: engine-limits
// Client sees: MemoryLimit: limits.memory
try {
  const kept = [];
  for (;;) kept.push(new Array(1000).fill(1.5));
} catch {
  return 1;
}
