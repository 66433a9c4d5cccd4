// Tries: a buffer that grows past the allocator
// Stopped by: resource-limits
// Client sees: value "RangeError"
try {
  const buffer = new (ArrayBuffer as any)(1, { maxByteLength: 2 ** 32 });
  for (let size = 1; ; size *= 2) buffer.resize(size);
} catch (error: any) {
  return error.name;
}
