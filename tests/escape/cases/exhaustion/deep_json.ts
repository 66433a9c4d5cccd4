// Tries: JSON a million levels deep
// Stopped by: engine-limits
// Client sees: value "RangeError" | value "SyntaxError" | StackLimit
try {
  JSON.parse("[".repeat(1e6));
} catch (error: any) {
  return error.name;
}
