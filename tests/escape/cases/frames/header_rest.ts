// Tries: bytes that must be zero and are not
// Stopped by: frames
// Client sees: WorkerCrash
// Worker: hostile
hostile.send("0200000012010000000000007b7d", 1);
await new Promise((done) => setTimeout(done, 15000));
