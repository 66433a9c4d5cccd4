// Tries: an interval that is never cleared
// Stopped by: deadline
// Client sees: TimeLimit: limits.wall
setInterval(() => {}, 50);
await new Promise(() => {});
