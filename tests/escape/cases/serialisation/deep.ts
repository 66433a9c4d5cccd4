// Tries: a value a hundred thousand levels deep
// Stopped by: runtime
// Client sees: shows Nested too deeply
let value: any = 1;
for (let i = 0; i < 100000; i++) value = [value];
return value;
