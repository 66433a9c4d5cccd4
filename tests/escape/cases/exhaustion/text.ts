// Tries: a text that doubles
// Stopped by: engine-limits
// Client sees: MemoryLimit: limits.memory
let text = "x"; for (;;) { text += text; text.charCodeAt(1); }
