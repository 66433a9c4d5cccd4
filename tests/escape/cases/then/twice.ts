// Tries: a then that settles twice
// Stopped by: engine
// Client sees: value 1
return { then(resolve, reject) { resolve(1); resolve(2); reject(new Error("late")); } };
