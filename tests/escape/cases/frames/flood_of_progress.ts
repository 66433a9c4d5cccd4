// Tries: progress without end
// Stopped by: flood
// Client sees: WorkerCrash: sends more than a script may
// Worker: hostile
hostile.send("0e00000014000000000000007b2270726f6772657373223a317d", 10000000);
return 1;
