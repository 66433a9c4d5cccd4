// Tries: a getter that throws beside one that does not
// Stopped by: runtime
// Client sees: value {"a":"[Throws Error: no]","b":1}
return { get a() { throw new Error("no"); }, b: 1 };
