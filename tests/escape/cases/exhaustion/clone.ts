// Tries: the clone of a deep value
// Stopped by: engine-limits
// Client sees: value "RangeError" | StackLimit
let value: any = {};
for (let i = 0; i < 200000; i++) value = { value };
try {
  structuredClone(value);
} catch (error: any) {
  return error.name;
}
