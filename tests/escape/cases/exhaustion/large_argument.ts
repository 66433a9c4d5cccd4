// Tries: arguments larger than a call may have
// Stopped by: runtime
// Client sees: ArgumentLimit: limits.argument
return hub.echo({ a: "x".repeat(1 << 20) });
