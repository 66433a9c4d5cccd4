// Tries: READY in the middle of a run
// Stopped by: frames
// Client sees: WorkerCrash: READY
// Worker: hostile
hostile.send("000000000f00000000000000", 1);
await new Promise((done) => setTimeout(done, 15000));
