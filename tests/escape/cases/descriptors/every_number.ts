// Tries: every descriptor up to 1023
// Stopped by: process
// Client sees: value []
// Worker: hostile
// Only: x64
const found = [];
const SENDTO = 44, POLL = 7;
for (let fd = 1; fd < 1024; fd++) if (hostile.call(SENDTO, fd, 0, 0, 0x4040, 0, 0) !== -9) found.push(fd);
return found;
