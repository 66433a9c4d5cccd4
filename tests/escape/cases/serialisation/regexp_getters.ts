// Tries: flags of a regular expression that are getters
// Stopped by: runtime
// Client sees: value "/a/"
const pattern = /a/;
for (const name of ["global", "flags", "source"]) Object.defineProperty(pattern, name, { get() { for (;;); } });
return pattern;
