// Tries: another realm, whose intrinsics would be fresh
// Stopped by: engine
// Client sees: value ["undefined","undefined","undefined","undefined"]
return [typeof ShadowRealm, typeof Realm, typeof Worker, typeof document];
