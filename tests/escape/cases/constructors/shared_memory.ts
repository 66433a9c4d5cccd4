// Tries: SharedArrayBuffer, by its name and by what else would make one
// Stopped by: engine
// Client sees: value ["undefined","undefined","DataCloneError"]
let cloned = "";
try { structuredClone(() => {}); } catch (error) { cloned = error.name; }
return [typeof SharedArrayBuffer, typeof Object.getOwnPropertyDescriptor(globalThis, "SharedArrayBuffer"), cloned];
