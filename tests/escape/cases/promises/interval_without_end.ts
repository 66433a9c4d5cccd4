// Tries: an interval that is never cleared
// Stopped by: deadline
// Client sees: TimeLimit: limits.wall
setInterval(() => {}, 1);
await new Promise(() => {});
