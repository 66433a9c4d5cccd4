// Tries: what another execution left in the process
// Stopped by: process
// Client sees: value ["undefined","undefined"]
const before = [typeof (globalThis as any).hostile_left, typeof (Object.prototype as any).hostile_left];
(globalThis as any).hostile_left = 1;
(Object.prototype as any).hostile_left = 1;
return before;
