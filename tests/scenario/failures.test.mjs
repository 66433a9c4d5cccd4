// Each kind of failure through the real program: the documented kind, in bounded
// time, and the next call works.
import assert from "node:assert/strict";
import { after, afterEach, before, describe, test } from "node:test";
import { RawClient } from "../bench/raw_client.mjs";
import { commandLine } from "./lib/processes.mjs";
import { Scripts, connect } from "./lib/scripts.mjs";
import { World, node } from "./lib/world.mjs";

const LIMITS = { cpu: "2s", wall: "10s", memory: "48MiB", call: "4s", calls: 20 };
const BOUND_MS = 30_000; // far above each limit, for a machine that does much else

const ENDLESS = "for (;;) {}";
const HUNGRY = "const all = []; for (;;) all.push(new Array(10000).fill({}));";
const SLEEPY = "await new Promise((resolve) => setTimeout(resolve, 600000))";

// kind, code, what its text says
const failures = [
  ["ToolError", `return files.read_text_file({ path: "/etc/hostname" })`, /Access denied[^]*files\.read_text_file: error; only reads/],
  ["ToolError", "return faulty.refuse({})", /bad "arguments"\nat line 1, column 15/],
  ["TypeCheckError", `return files.read_text_fil({ path: "x" })`, /line 1, column 14: .*Did you mean 'read_text_file'[^]*Nothing has run/],
  ["UnknownTool", `return mcp.call("files", "read_text_fil", {})`, /did you mean files\.read_text_file\?/],
  ["UnknownServer", `return mcp.call("file", "read_text_file", {})`, /the servers are: .*files/],
  ["TypeCheckError", "const one = 1;\nreturn files.read_text_file({ path: one })", /line 2, column 31[^]*signature: files\.read_text_file\(input: \{ path: string/],
  ["TypeCheckError", "return files.read_text_file({})", /Property 'path' is missing/],
  ["TypeCheckError", `return fetch("http://example.invalid")`, /a script has no network/],
  ["SyntaxError", "const a = 1;\nreturn (a +", /line 2, column/],
  ["ScriptError", `const f = () => {\n  throw new RangeError("too far");\n};\nf();`, /RangeError: too far\nat line 2, column 9/],
  ["ScriptError", `throw "a string"`, /a string/],
  ["ScriptError", "return mcp.servers().then((all: any) => all.nothing.length)", /TypeError: [^]*line 1, column 53/],
  ["CpuLimit", ENDLESS, /2000 ms .*limits\.cpu/],
  ["CpuLimit", `await faulty.echo({ text: "done" });\n${ENDLESS}`, /faulty\.echo: ok; may change something[^]*not known/],
  ["TimeLimit", SLEEPY, /10000 ms .*limits\.wall/],
  ["MemoryLimit", HUNGRY, /48 MiB .*limits\.memory/],
  ["NeverSettled", "await new Promise(() => {})", /nothing will settle/],
  ["CallLimit", `for (let i = 0; i < 30; i++) await faulty.echo({ text: "x" })`, /limit is 20 .*limits\.calls[^]*faulty\.echo x 20: ok/],
  ["ToolTimeout", "return faulty.never({})", /4000 ms .*limits\.call[^]*may or may not/],
  ["NotFound", `return mcp.open("mcpfold://results/${"0".repeat(32)}")`, /mcpfold:\/\/results/],
];

describe("failures", () => {
  let world, program, scripts;
  before(async () => {
    world = new World();
    world.servers = {
      files: world.servers.files,
      faulty: world.fixture("faulty.mjs"),
      fragile: world.fixture("faulty.mjs"),
      killed: world.fixture("faulty.mjs", "junk"),
    };
    program = await world.serve({ limits: LIMITS });
    scripts = new Scripts(await connect(program));
    await scripts.client.listTools({ timeout: 90_000 });
  });
  after(async () => {
    await scripts?.client.close();
    await world.close();
  });
  afterEach(async () => {
    assert.equal(await scripts.text(`return await faulty.echo({ text: "the next call" })`), "the next call");
  });

  for (const [kind, code, says] of failures) {
    test(`${kind}: ${code.slice(0, 60).replaceAll("\n", " ")}`, async () => {
      const started = performance.now();
      assert.match(await scripts.failure(kind, code), says);
      assert.ok(performance.now() - started < BOUND_MS);
    });
  }

  test("a script can catch what a tool throws", async () => {
    const value = await scripts.value(`
      const caught: any[] = [];
      const record = (error: any) => caught.push([error instanceof ToolError, error.name, error.server, error.tool, error.code ?? null, error.data ?? null]);
      await files.read_text_file({ path: "/etc/hostname" }).catch(record);
      await faulty.refuse({}).catch(record);
      await faulty.never({}).catch(record);
      await mcp.call("files", "nothing").catch(record);
      return caught;`);
    assert.deepEqual(value, [
      [true, "ToolError", "files", "read_text_file", null, null],
      [true, "ToolError", "faulty", "refuse", -32602, { why: [1] }],
      [true, "ToolTimeout", "faulty", "never", null, null],
      [true, "UnknownTool", "files", "nothing", null, null],
    ]);
  });

  test("a call's own timeout is the shorter one", async () => {
    const text = await scripts.failure("ToolTimeout", `return mcp.call("faulty", "never", {}, { timeout: 100 })`);
    assert.match(text, /100 ms/);
  });

  test("a server that dies during a call is named with its last words, and comes back", async () => {
    const from = program.log.length;
    assert.match(await scripts.failure("ConnectionLost", "return fragile.die({})"), /fragile.*status 3.*dying words[^]*outcome unknown/);
    await program.event("connected", { server: "fragile" }, from);
    assert.equal(await scripts.text(`return fragile.echo({ text: "here again" })`), "here again");
  });

  test("a server that is killed while it does nothing comes back", async () => {
    const from = program.log.length;
    const victim = program.descendants().find((pid) => commandLine(pid)[0] === node && commandLine(pid)[2] === "junk");
    process.kill(victim, "SIGKILL");
    await program.event("connected", { server: "killed" }, from);
    assert.equal(await scripts.text(`return killed.echo({ text: "once more" })`), "once more");
  });

  test("failures of some do not touch others that run at the same time", async () => {
    const bad = [ENDLESS, HUNGRY, SLEEPY, "throw 1", "return (", "return faulty.never({})"].map((code) => scripts.run(code));
    const good = Array.from({ length: 12 }, (_, n) => scripts.value("return [input, await faulty.echo({ text: String(input) })]", n));
    assert.deepEqual(await Promise.all(good), Array.from({ length: 12 }, (_, n) => [n, String(n)]));
    for (const { isError } of await Promise.all(bad)) assert.equal(isError, true);
  });

  test("a client that goes away cancels its script and the call in flight", async () => {
    const from = program.log.length;
    const other = new Scripts(await connect(program));
    const gone = new AbortController();
    const running = other.run("return await faulty.never({})", undefined, { signal: gone.signal });
    const { line } = await program.event("stderr", { server: "faulty", line: /^called / }, from);
    gone.abort();
    await assert.rejects(running);
    await program.event("stderr", { server: "faulty", line: line.replace("called", "cancelled") }, from);
    await program.event("done", { outcome: "Cancelled" }, from);
    await other.client.close();
  });

  test("over stdio, notifications/cancelled reaches the call in flight", async () => {
    const child = world.startStdio({ limits: LIMITS });
    child.send({ id: 0, method: "initialize", params: { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "t", version: "1" } } });
    child.send({ id: 1, method: "tools/call", params: { name: "execute_code", arguments: { code: "return faulty.never({})" } } });
    const { line } = await child.event("stderr", { server: "faulty", line: /^called / });
    child.send({ method: "notifications/cancelled", params: { requestId: 1, reason: "no longer wanted" } });
    await child.event("stderr", { server: "faulty", line: line.replace("called", "cancelled") });
    await child.event("done", { outcome: "Cancelled" });
    child.send({ id: 2, method: "tools/call", params: { name: "execute_code", arguments: { code: "return 2" } } });
    assert.equal((await child.answer(2)).result.content[0].text, "2");
    assert.ok(!child.lines.some((text) => JSON.parse(text).id === 1));
  });

  test("a legacy client that loses its connection does not end its script", async () => {
    const from = program.log.length;
    const raw = await new RawClient(program.port).connect();
    const running = raw.run("return faulty.never({})");
    await program.event("stderr", { server: "faulty", line: /^called / }, from);
    raw.close();
    await assert.rejects(running);
    await program.event("done", { outcome: "ToolTimeout" }, from);
  });

  test("more executions than there is room for are told so", async () => {
    const small = await world.serve({ limits: { executions: 2, queue: 2, queue_time: "2s" } });
    const other = new Scripts(await connect(small));
    const stop = new AbortController();
    const start = () => new Promise((started) => {
      other.run(`mcp.progress(1); ${SLEEPY}`, undefined, { signal: stop.signal, onprogress: started }).catch(() => {});
    });
    await Promise.all([start(), start()]);
    const texts = await Promise.all([1, 2, 3].map((n) => other.failure("Busy", `return ${n}`)));
    assert.equal(texts.filter((text) => text.includes("(limits.queue in the configuration)")).length, 1, texts.join("\n"));
    for (const text of texts) assert.match(text, /Nothing has run/);
    stop.abort();
    assert.equal(await other.value("return 4"), 4);
    await other.client.close();
  });

  test("a script in an endless loop is ended when its client goes away", async () => {
    const slow = await world.serve({ limits: { cpu: "60s", wall: "120s" } });
    const other = new Scripts(await connect(slow));
    const gone = new AbortController();
    let started;
    const loops = new Promise((resolve) => (started = resolve));
    const running = other.run(`mcp.progress(1); await faulty.echo({ text: "" }); ${ENDLESS}`, undefined, { signal: gone.signal, onprogress: started });
    await loops;
    gone.abort();
    await assert.rejects(running);
    await slow.event("done", { outcome: "Cancelled" });
    assert.equal(await other.value("return 2"), 2);
    await other.client.close();
  });
});
