// Tries: codes for a terminal in a message: text is data for the client
// Stopped by: nothing
// Client sees: ScriptError
throw new Error("\u001b]0;owned\u0007\u001b[2J");
