// Tries: text that is not Unicode
// Stopped by: runtime
// Client sees: value ["\ud800","\udfff"]
return ["\ud800", "\udfff"];
