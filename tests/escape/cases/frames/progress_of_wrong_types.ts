// Tries: progress that is no number
// Stopped by: output
// Client sees: value 1
// Worker: hostile
hostile.send("2700000014000000000000007b2270726f6772657373223a2278222c22746f74616c223a5b5d2c226d657373616765223a377d", 3);
hostile.send("0200000014000000000000007b7d", 1);
return 1;
