// Tries: a clock finer than a millisecond
// Stopped by: runtime
// Client sees: value [0,0,0,true]
const fractions = [performance.now() % 1, Date.now() % 1, new Event("x").timeStamp ?? 0];
const steps = new Set();
for (let i = 0, last = performance.now(); i < 20; ) {
  const now = performance.now();
  if (now !== last) { steps.add(now - last); last = now; i++; }
}
return [...fractions, [...steps].every((step) => Number.isInteger(step))];
