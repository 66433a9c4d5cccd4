// Tries: native code that disarms the timer and loops
// Stopped by: resource-limits
// Client sees: CpuLimit | WorkerCrash: killed | TimeLimit
// Worker: hostile
// Only: x64
const SETITIMER = 38, PROFILE = 2;
hostile.call(SETITIMER, PROFILE, 0, 0);
hostile.attack("ignore_signals");
for (;;);
