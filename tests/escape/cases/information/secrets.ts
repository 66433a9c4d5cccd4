// Tries: secrets of the proxy and of servers, wherever a script may look
// Stopped by: engine
// Client sees: value false
const seen = new Set();
let found = false;
const look = (value, depth) => {
  if (typeof value === "string") found ||= /never seen by a script|only the hub knows/.test(value);
  if (value === null || (typeof value !== "object" && typeof value !== "function") || depth > 5 || seen.has(value)) return;
  seen.add(value);
  for (const key of Reflect.ownKeys(value)) look(Reflect.getOwnPropertyDescriptor(value, key)?.value, depth + 1);
};
look(globalThis, 0);
look(await mcp.servers(), 0);
look(await mcp.search("hub secret"), 0);
return found;
