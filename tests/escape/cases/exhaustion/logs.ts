// Tries: more log lines than are kept
// Stopped by: runtime
// Client sees: LogLimit: LOG_BYTES
for (;;) console.log("x".repeat(1000));
