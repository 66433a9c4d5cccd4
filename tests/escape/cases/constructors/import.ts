// Tries: modules of Node, of the runtime, of a URL and of data
// Stopped by: prepare | engine
// Client sees: SyntaxError: there are no modules
const names = [];
for (const from of ["node:fs", "mcpfold:" + "main.js", "https://example.com/x.mjs", "data:text/javascript,export default 1"])
  await import(from).catch((error) => names.push(error.name));
return names;
