// Tries: a line of the console that is no UTF-8
// Stopped by: frames
// Client sees: WorkerCrash
// Worker: hostile
hostile.send("1a00000012000000000000007b226c6576656c223a226c6f67222c2274657874223a22ff227d", 1);
await new Promise((done) => setTimeout(done, 15000));
