// Tries: the last frame without its parts
// Stopped by: frames
// Client sees: WorkerCrash
// Worker: hostile
hostile.send("040000001500000000000000ff000000", 1);
await new Promise((done) => setTimeout(done, 15000));
