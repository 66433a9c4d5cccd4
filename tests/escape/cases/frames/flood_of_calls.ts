// Tries: calls without end, past the limit that the runtime keeps
// Stopped by: flood
// Client sees: WorkerCrash: sends more than a script may
// Worker: hostile
const little = (n: number) => [0, 8, 16, 24].map((shift) => ((n >> shift) & 255).toString(16).padStart(2, "0")).join("");
const body = [...'{"op":"servers"}'].map((c) => c.charCodeAt(0).toString(16)).join("");
for (let id = 1; id < 200000; id++) hostile.send(little(body.length / 2) + "11000000" + little(id) + body, 1);
return 1;
