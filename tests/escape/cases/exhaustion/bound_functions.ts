// Tries: a function bound a hundred thousand times
// Stopped by: engine-limits
// Client sees: StackLimit | value 1
let f: any = () => 1;
for (let i = 0; i < 100000; i++) f = f.bind(null);
return f();
