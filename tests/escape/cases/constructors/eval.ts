// Tries: direct and indirect eval
// Stopped by: engine
// Client sees: value ["EvalError","EvalError"]
const names = [];
try { eval("1 + 1"); } catch (error) { names.push(error.name); }
try { (0, eval)("1 + 1"); } catch (error) { names.push(error.name); }
return names;
