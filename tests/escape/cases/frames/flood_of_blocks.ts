// Tries: content blocks without end
// Stopped by: flood
// Client sees: WorkerCrash: sends more than a script may
// Worker: hostile
hostile.send("1a00000013000000000000007b2274797065223a2274657874222c2274657874223a2278227d", 10000000);
return 1;
