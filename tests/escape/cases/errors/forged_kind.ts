// Tries: an error that says it is a limit or a policy
// Stopped by: runtime
// Client sees: ScriptError: PolicyDenied
const error: any = new ToolError("mine");
error.name = "PolicyDenied";
error.kind = "PolicyDenied";
throw error;
