// Tries: giving up without a reason
// Stopped by: frames
// Client sees: WorkerCrash
// Worker: hostile
hostile.send("000000001600000000000000", 1);
await new Promise((done) => setTimeout(done, 15000));
