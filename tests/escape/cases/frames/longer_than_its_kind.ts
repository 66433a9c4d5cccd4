// Tries: progress of 8,193 bytes, which no script can send
// Stopped by: frames
// Client sees: WorkerCrash: a PROGRESS frame of 8193 bytes, the limit is 8192
// Worker: hostile
hostile.send("0120000014000000000000007b7d", 1);
await new Promise((done) => setTimeout(done, 15000));
