// Tries: the stack below the code that renders a result
// Stopped by: engine
// Client sees: value ["script.ts"]
return { toJSON: () => [...new Set(String(new Error("x").stack).match(/[\w:]+\.[jt]s/g))] };
