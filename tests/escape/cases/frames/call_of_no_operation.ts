// Tries: an operation that does not exist
// Stopped by: broker
// Client sees: value 1
// Worker: hostile
hostile.send("1d00000011000000010000007b226f70223a227368656c6c222c22636f6d6d616e64223a226964227d", 1);
hostile.send("0800000011000000020000007b226f70223a377d", 1);
hostile.send("0200000011000000030000005b5d", 1);
hostile.send("01000000110000000400000037", 1);
return 1;
