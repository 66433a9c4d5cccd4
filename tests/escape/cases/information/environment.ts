// Tries: the environment, the host, the program
// Stopped by: engine
// Client sees: value ["undefined","undefined","undefined","undefined","undefined"]
return [typeof process, typeof navigator, typeof os, typeof Deno, typeof Bun];
