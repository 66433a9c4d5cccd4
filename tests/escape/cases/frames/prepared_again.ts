// Tries: PREPARED with other code in the middle of a run
// Stopped by: frames
// Client sees: WorkerCrash: PREPARED
// Worker: hostile
hostile.send("1d0000001000000000000000020000006f6b01000000310800000072657475726e2032020000005b5d", 1);
await new Promise((done) => setTimeout(done, 15000));
