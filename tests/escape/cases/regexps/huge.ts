// Tries: a pattern as large as code may be
// Stopped by: engine
// Client sees: value ["SyntaxError"] | value [true]
try {
  return [new RegExp("(?:" .repeat(20000) + "a" + ")".repeat(20000)).test("a")];
} catch (error: any) {
  return [error.name];
}
