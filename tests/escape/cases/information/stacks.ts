// Tries: files of the host or of the runtime in stacks
// Stopped by: engine
// Client sees: value []
const stacks = [];
const attempt = (run) => { try { run(); } catch (error: any) { stacks.push(String(error.stack)); } };
attempt(() => setTimeout("x" as any));
attempt(() => structuredClone(() => {}));
attempt(() => new URL("no"));
attempt(() => { const f = () => f(); f(); });
attempt(() => null.x);
attempt(() => JSON.parse("{"));
attempt(() => [1].map(() => { throw new Error("in map"); }));
stacks.push((await hub.fail().catch((error) => error)).stack);
const written = stacks.flatMap((stack) => stack.split("\n").slice(1)).filter((line) => !/^    at (.* \()?script\.ts:\d+:\d+\)?$/.test(line));
return written;
