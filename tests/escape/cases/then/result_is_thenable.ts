// Tries: a result whose then is called with another value
// Stopped by: engine
// Client sees: value "other"
return { then(resolve) { resolve("other"); } };
