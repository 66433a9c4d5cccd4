// Tries: a frame longer than any may be
// Stopped by: frames
// Client sees: WorkerCrash: frame
// Worker: hostile
hostile.send("ffffffff12000000000000007b7d", 1);
await new Promise((done) => setTimeout(done, 15000));
