// Tries: bytes behind the parts of the last frame
// Stopped by: frames
// Client sees: WorkerCrash
// Worker: hostile
hostile.send("0d0000001500000000000000020000006f6b020000007b7d00", 1);
await new Promise((done) => setTimeout(done, 15000));
