// Tries: random numbers of another execution
// Stopped by: runtime
// Client sees: value [true,true]
const numbers = Array.from({ length: 100 }, Math.random);
return [new Set(numbers).size === 100, new Set(Array.from({ length: 100 }, () => crypto.randomUUID())).size === 100];
