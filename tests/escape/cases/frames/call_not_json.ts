// Tries: a call that is no JSON
// Stopped by: frames
// Client sees: WorkerCrash: not JSON
// Worker: hostile
hostile.send("0f00000011000000010000007b226f70223a227365727665727322", 1);
await new Promise((done) => setTimeout(done, 15000));
