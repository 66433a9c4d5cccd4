// Tries: a thrown object whose toString, valueOf and Symbol.toPrimitive never return
// Stopped by: runtime
// Client sees: ScriptError
throw { toString() { for (;;); }, valueOf() { for (;;); }, [Symbol.toPrimitive]() { for (;;); } };
