// Tries: WebAssembly, by its name and by what is left of it
// Stopped by: engine
// Client sees: value ["undefined","undefined",[]]
const found = Reflect.ownKeys(globalThis).filter((name) => /wasm|assembly/i.test(String(name)));
return [typeof WebAssembly, typeof globalThis["Web" + "Assembly"], found];
