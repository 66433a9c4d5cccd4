// Tries: the engine's extensions
// Stopped by: engine
// Client sees: value ["undefined","undefined","undefined","undefined","undefined"]
return [typeof gc, typeof d8, typeof load, typeof print, typeof quit];
