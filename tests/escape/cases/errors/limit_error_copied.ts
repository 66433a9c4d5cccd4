// Tries: a limit's error caught, changed and thrown again
// Stopped by: runtime
// Client sees: LogLimit: a script may log
try {
  console.log("x".repeat(1 << 20));
} catch (error: any) {
  error.name = "Forged";
  throw error;
}
