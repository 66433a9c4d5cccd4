// Tries: JSON.rawJSON in the arguments of a call
// Stopped by: runtime
// Client sees: ScriptError: must be one object | TypeError
return hub.echo((JSON as any).rawJSON('1'));
