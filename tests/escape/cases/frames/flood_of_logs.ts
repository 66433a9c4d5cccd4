// Tries: lines of the console without end, past the limit that the runtime keeps
// Stopped by: flood
// Client sees: WorkerCrash: sends more than a script may
// Worker: hostile
hostile.send("1a00000012000000000000007b226c6576656c223a226c6f67222c2274657874223a2278227d", 10000000);
return 1;
