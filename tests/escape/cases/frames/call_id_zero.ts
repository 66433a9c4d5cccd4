// Tries: a call without an id
// Stopped by: frames
// Client sees: WorkerCrash
// Worker: hostile
hostile.send("1000000011000000000000007b226f70223a2273657276657273227d", 1);
await new Promise((done) => setTimeout(done, 15000));
