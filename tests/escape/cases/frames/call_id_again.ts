// Tries: two calls with one id
// Stopped by: frames
// Client sees: WorkerCrash: after call
// Worker: hostile
hostile.send("1000000011000000050000007b226f70223a2273657276657273227d1000000011000000050000007b226f70223a2273657276657273227d", 1);
await new Promise((done) => setTimeout(done, 15000));
