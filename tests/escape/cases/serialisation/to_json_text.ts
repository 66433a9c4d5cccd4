// Tries: toJSON that gives text which looks like JSON
// Stopped by: runtime
// Client sees: value {"a":"}{\"kind\":1"}
return { a: { toJSON: () => '}{"kind":1' } };
