// Tries: a server that was not configured
// Stopped by: broker
// Client sees: value 1
// Worker: hostile
hostile.send("3600000011000000010000007b226f70223a22746f6f6c222c22736572766572223a222e2e2f687562222c22746f6f6c223a22616464222c2261726773223a7b7d7d", 1);
return 1;
