// Tries: a proxy that was revoked
// Stopped by: runtime
// Client sees: shows Throws TypeError
const { proxy, revoke } = Proxy.revocable({}, {});
revoke();
return { proxy };
