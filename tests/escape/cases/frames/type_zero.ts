// Tries: a frame of no type
// Stopped by: frames
// Client sees: WorkerCrash
// Worker: hostile
hostile.send("0200000000000000000000007b7d", 1);
await new Promise((done) => setTimeout(done, 15000));
