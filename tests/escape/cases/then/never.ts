// Tries: a result whose then never calls back
// Stopped by: runtime
// Client sees: NeverSettled: no call, no timer is pending
return { then() {} };
