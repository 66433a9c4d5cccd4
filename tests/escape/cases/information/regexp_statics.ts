// Tries: what the runtime matched last, in RegExp.$_
// Stopped by: runtime
// Client sees: shows true
console.log({ a: 1 });
return !/mcpfold|native|secret/.test(String((RegExp as any).$_) + String((RegExp as any).lastMatch));
