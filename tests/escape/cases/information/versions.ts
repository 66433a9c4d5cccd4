// Tries: versions in what can be named
// Stopped by: engine
// Client sees: value []
const words: string[] = [];
const look = (value, depth) => {
  if (value === null || (typeof value !== "object" && typeof value !== "function") || depth > 3) return;
  for (const key of Reflect.ownKeys(value)) {
    const { value: member } = Reflect.getOwnPropertyDescriptor(value, key) ?? {};
    if (typeof member === "string" && /\d+\.\d+\.\d+|libnode|\/usr|\/work|\/home|\/root/.test(member)) words.push(String(key));
    look(member, depth + 1);
  }
};
look(globalThis, 0);
return words;
