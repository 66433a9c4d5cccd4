// Tries: a map that gets keys of other kinds while it is rendered
// Stopped by: runtime
// Client sees: value {"a":{"b":1}}
const map = new Map();
map.set("a", { get b() { map.set({ k: 1 }, 2); map.set(5, 6); return 1; } });
return map;
