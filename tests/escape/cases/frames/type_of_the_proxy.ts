// Tries: a frame that only the proxy sends
// Stopped by: frames
// Client sees: WorkerCrash
// Worker: hostile
hostile.send("0200000003000000010000007b7d", 1);
await new Promise((done) => setTimeout(done, 15000));
