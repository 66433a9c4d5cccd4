// Tries: a thrown regular expression with getters
// Stopped by: runtime
// Client sees: ScriptError: /a/g
const pattern = /a/g;
Object.defineProperty(pattern, "global", { get() { for (;;); } });
throw pattern;
