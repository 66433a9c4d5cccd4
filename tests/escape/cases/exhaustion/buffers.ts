// Tries: buffers without end
// Stopped by: engine-limits
// Client sees: value "RangeError"
const kept = [];
try {
  for (;;) kept.push(new Uint8Array(1e6));
} catch (error: any) {
  kept.length = 0;
  return error.name;
}
