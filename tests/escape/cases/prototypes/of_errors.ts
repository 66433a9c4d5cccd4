// Tries: the prototypes of the runtime's own errors
// Stopped by: runtime
// Client sees: value ["ToolError",true,"TypeError","TypeError"]
const failures = [];
const attempt = (change) => { "use strict"; try { change(); } catch (error) { failures.push(error.name); } };
attempt(() => Object.setPrototypeOf(ToolError, class { constructor() { throw 1; } }));
attempt(() => { (function () { "use strict"; ToolError.prototype.constructor = 1; })(); });
const error = await hub.fail().catch((error) => error);
return [error.name, error instanceof ToolError, ...failures];
