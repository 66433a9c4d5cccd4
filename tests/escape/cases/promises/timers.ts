// Tries: more timers than a script may have
// Stopped by: runtime
// Client sees: TimerLimit: PENDING_TIMERS
for (let i = 0; i < 1e6; i++) setTimeout(() => {}, 1e6);
