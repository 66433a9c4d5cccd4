// Tries: Error.prepareStackTrace, stackTraceLimit and captureStackTrace
// Stopped by: engine
// Client sees: value [10,false,true]
let asked = false;
Error.prepareStackTrace = () => { asked = true; return "mine"; };
const limit = Error.stackTraceLimit;
const stack = new Error("x").stack;
return [limit, asked, /^Error: x\n    at script\.ts:/.test(stack)];
