// Tries: call sites of the runtime, with their functions and objects
// Stopped by: engine
// Client sees: value ["string",0]
const sites: any[] = [];
Error.prepareStackTrace = (error, list) => { sites.push(...list); return list; };
const seen = await new Promise((done) => setTimeout(() => done(typeof new Error("x").stack), 1));
return [seen, sites.length];
