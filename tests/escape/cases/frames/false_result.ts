// Tries: a false result of its own execution, which it may as well return
// Stopped by: nothing
// Client sees: value "forged"
// Worker: hostile
hostile.send("3a0000001500000000000000020000006f6b300000007b226b696e64223a22737472696e67222c2276616c7565223a22666f72676564222c22756e61776169746564223a307d", 1);
await new Promise((done) => setTimeout(done, 15000));
