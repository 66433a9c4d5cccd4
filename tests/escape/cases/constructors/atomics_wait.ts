// Tries: sleeping in Atomics.wait, where nothing would interrupt it
// Stopped by: engine
// Client sees: value ["undefined","undefined",7]
const cells = new Int32Array(4);
Atomics.store(cells, 0, 7);
return [typeof Atomics.wait, typeof Atomics.waitAsync, Atomics.load(cells, 0)];
