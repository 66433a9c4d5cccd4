// Tries: a pattern that back-tracks for ever
// Stopped by: engine
// Client sees: value false
return /^(a+)+$/.test("a".repeat(60) + "b");
