// Tries: callers of a function that the runtime calls
// Stopped by: engine
// Client sees: value "TypeError"
const f: any = Function.prototype;
return await new Promise((done) => setTimeout(function () { "use strict"; try { done(String((f as any).caller)); } catch (error: any) { done(error.name); } }, 1));
