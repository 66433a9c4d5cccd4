// Tries: a result whose members have other types
// Stopped by: output
// Client sees: shows  | InternalError
// Worker: hostile
hostile.send("4a0000001500000000000000020000006f6b400000007b226b696e64223a372c2276616c7565223a7b2261223a5b5d7d2c22756e61776169746564223a2278222c2272656a656374696f6e73223a7b2261223a317d7d", 1);
await new Promise((done) => setTimeout(done, 15000));
