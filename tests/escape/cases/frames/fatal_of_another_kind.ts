// Tries: giving up for a reason that does not exist
// Stopped by: frames
// Client sees: WorkerCrash
// Worker: hostile
hostile.send("2700000016000000000000007b226b696e64223a22706f6c696379222c226d657373616765223a225c75303031625b324a227d", 1);
await new Promise((done) => setTimeout(done, 15000));
