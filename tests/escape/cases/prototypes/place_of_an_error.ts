// Tries: text for the last frame through Object.prototype
// Stopped by: runtime
// Client sees: shows 1; an error that nothing caught: 7
Object.prototype.place = '}}}"broken';
Object.prototype.kind = "ToolError";
Promise.reject(7);
return 1;
