// Tries: lines of the console whose members have other types
// Stopped by: output
// Client sees: shows 1
// Worker: hostile
hostile.send("1600000012000000000000007b226c6576656c223a5b5d2c2274657874223a7b7d7d", 3);
hostile.send("01000000120000000000000037", 1);
return 1;
