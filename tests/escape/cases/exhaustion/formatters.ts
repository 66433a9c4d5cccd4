// Tries: what lives outside of the heap: formatters
// Stopped by: resource-limits
// Client sees: CpuLimit | MemoryLimit
const kept = []; for (;;) kept.push(new Intl.NumberFormat("de", { style: "currency", currency: "EUR" }));
