// Tries: the one socket there is: it is 0
// Stopped by: nothing
// Client sees: value 0
// Worker: hostile
// Only: x64
return hostile.call(44, 0, 0, 0, 0x4040, 0, 0);
