// Tries: a promise that nothing settles
// Stopped by: runtime
// Client sees: NeverSettled: no call, no timer is pending
await new Promise(() => {});
