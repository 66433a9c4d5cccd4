// Tries: constructor.constructor of everything a script can name, of tools and of the runtime's functions too
// Stopped by: engine
// Client sees: value []
const seen = new Set();
const made = [];
const look = (value, path) => {
  if ((typeof value !== "object" && typeof value !== "function") || value === null || seen.has(value) || path.length > 6) return;
  seen.add(value);
  try {
    const result = value.constructor.constructor("return 7")();
    if (result === 7) made.push(path.join("."));
  } catch {}
  for (const key of Reflect.ownKeys(value)) {
    let next;
    try { next = value[key]; } catch { continue; }
    look(next, [...path, String(key)]);
  }
  look(Reflect.getPrototypeOf(value), [...path, "__proto__"]);
};
look(globalThis, []);
look(hub.add, ["hub.add"]);
return made;
