// Tries: more content blocks than are kept
// Stopped by: runtime
// Client sees: EmitLimit: EMIT_BYTES | MemoryLimit
for (;;) mcp.emit("x".repeat(1e6));
