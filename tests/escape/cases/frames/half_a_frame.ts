// Tries: a frame that never ends
// Stopped by: deadline
// Client sees: TimeLimit: limits.wall
// Worker: hostile
hostile.send("ff00000011000000010000007b", 1);
await new Promise((done) => setTimeout(done, 60000));
