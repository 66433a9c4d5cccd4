// Tries: a result of a kind that its value is not
// Stopped by: output
// Client sees: value null | value undefined | InternalError | shows 
// Worker: hostile
hostile.send("290000001500000000000000020000006f6b1f0000007b226b696e64223a22737472696e67222c22756e61776169746564223a307d", 1);
await new Promise((done) => setTimeout(done, 15000));
