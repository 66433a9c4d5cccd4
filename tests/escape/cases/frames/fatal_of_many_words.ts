// Tries: last words of 1,025 bytes
// Stopped by: frames
// Client sees: WorkerCrash: a FATAL frame of 1025 bytes, the limit is 1024
// Worker: hostile
hostile.send("0104000016000000000000007b7d", 1);
await new Promise((done) => setTimeout(done, 15000));
