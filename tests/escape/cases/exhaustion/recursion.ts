// Tries: recursion without end
// Stopped by: engine-limits
// Client sees: StackLimit: Maximum call stack size exceeded
const f = () => f() + 1; return f();
