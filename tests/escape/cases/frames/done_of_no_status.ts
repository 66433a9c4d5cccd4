// Tries: the last frame with a status of its own
// Stopped by: frames
// Client sees: WorkerCrash
// Worker: hostile
hostile.send("0c0000001500000000000000020000006b6f020000007b7d", 1);
await new Promise((done) => setTimeout(done, 15000));
