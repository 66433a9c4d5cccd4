// Each limit of a script: what is at the limit passes, what is just over it is
// told by kind, limit, value and setting, and a normal script works after it.
import assert from "node:assert/strict";
import { after, afterEach, before, describe, test } from "node:test";
import { Scripts, connect } from "./lib/scripts.mjs";
import { World } from "./lib/world.mjs";

const KIB = 1024, MIB = 1024 * KIB;
const LIMITS = { memory: "48MiB", calls: 20, concurrent_calls: 4, argument: "64KiB", reply: "64KiB", result: 2000 };
const SHORT = { wall: "6s", cpu: "1s", call: "4s" };
// So long that no other limit is reached later, however slow the machine is.
const LONG = { wall: "120s", cpu: "60s", call: "60s" };
const ARGUMENT = 64 * KIB, REPLY = 64 * KIB;
const CODE = 64 * KIB, LOG = 64 * KIB, EMIT = 16 * MIB, RESULT = 16 * MIB, DEPTH = 128, TIMERS = 1000;

const NOTHING_DONE = /No server had been asked for anything: running the code again repeats nothing/;
const NOTHING_RUN = /Nothing has run/;
const MAYBE_DONE = /Whether running the code again is safe is not known/;

const BLOCK = '{"type":"text","text":""}'.length;

// So many MiB of heap that stay in use.
const filled = (mib) => `const all: number[][] = []; for (let i = 0; i < ${mib} * 16; i++) all.push(new Array(8192).fill(i + 0.5)); return all.length`;
const nested = (levels, inner) => `let deep: any = ${inner}; for (let i = 0; i < ${levels}; i++) deep = [deep];`;

// name: the code at the limit and its value; the code just over it, its kind,
// what the failure says, and whether it may run again
const times = {
  "wall time": {
    at: ["await new Promise((done) => setTimeout(done, 5000)); return 1", 1],
    over: ["await new Promise((done) => setTimeout(done, 6200)); return 1", "TimeLimit", /6000 ms \(limits\.wall in the configuration\)/, NOTHING_DONE],
  },
  "wall time of timers without end": { over: ["setInterval(() => {}, 50); await new Promise(() => {})", "TimeLimit", /limits\.wall/, NOTHING_DONE] },
  "processor time": {
    at: ["const start = performance.now(); while (performance.now() - start < 900); return 1", 1],
    over: ["for (;;) {}", "CpuLimit", /1000 ms of processor time \(limits\.cpu in the configuration\)/, NOTHING_DONE],
  },
  "processor time after a call": { over: [`await faulty.echo({ text: "x" }); for (;;) {}`, "CpuLimit", /faulty\.echo: ok/, MAYBE_DONE] },
  "microtasks without end": { over: ["const storm = () => queueMicrotask(storm); storm(); await new Promise(() => {})", "CpuLimit", /limits\.cpu/, NOTHING_DONE] },
  "microtasks that multiply": { over: ["const storm = () => { queueMicrotask(storm); queueMicrotask(storm); }; storm(); await new Promise(() => {})", /^(Cpu|Memory)Limit:/, /limits\.(cpu|memory)/, NOTHING_DONE] },
  "promises that wait for more promises": { over: ["const storm = (): any => Promise.resolve().then(storm); await storm()", /^(Cpu|Memory)Limit:/, /limits\.(cpu|memory)/, NOTHING_DONE] },
  "a regular expression that back-tracks": {
    at: [`return /^(a+)+$/.test("a".repeat(50) + "b")`, false],
    over: [`return /^(?=(a+))(a+)+\\1$/.test("a".repeat(50) + "b")`, "CpuLimit", /limits\.cpu/, NOTHING_DONE],
  },
  "arithmetic that can't be interrupted": { over: ["return (3n ** 100000000n).toString().length", "CpuLimit", /limits\.cpu/, NOTHING_DONE] },
  "a getter without end in the value": { over: ["return { get a() { for (;;) {} } }", "CpuLimit", /limits\.cpu/, NOTHING_DONE] },
  "the time of one call": {
    at: [`return [await faulty.progress({ steps: 3, every: 1000 })]`, ["after 3"]],
    over: ["return faulty.never({})", "ToolTimeout", /4000 ms \(limits\.call in the configuration\)[^]*may or may not have done its work/, MAYBE_DONE],
  },
};

const limits = {
  "the heap": {
    at: [filled(48), 48 * 16],
    over: [filled(52), "MemoryLimit", /48 MiB of memory \(limits\.memory in the configuration\)/, NOTHING_DONE],
  },
  "a heap of small objects": { over: ["const all: object[] = []; for (let i = 0; ; i++) all.push({ i })", "MemoryLimit", /limits\.memory/, NOTHING_DONE] },
  "an array that is filled": { over: ["return new Array(3e7).fill(1).length", "MemoryLimit", /limits\.memory/, NOTHING_DONE] },
  "memory outside the heap": {
    at: [`return new ArrayBuffer(${48 * MIB}).byteLength`, 48 * MIB],
    over: [`return new ArrayBuffer(${48 * MIB + 1}).byteLength`, "MemoryLimit", /Array buffer allocation failed: .*50331648 bytes together \(limits\.memory/, NOTHING_DONE],
  },
  "many small buffers": { over: [`const all = []; for (;;) all.push(new Uint8Array(${MIB}))`, "MemoryLimit", /50331648 bytes together \(limits\.memory/, NOTHING_DONE] },
  "a huge string": {
    at: [`let s = "x".repeat(${8 * MIB}); s.charCodeAt(1); return s.length`, 8 * MIB],
    over: [`let s = "x"; for (;;) { s += s; s.charCodeAt(1); }`, "MemoryLimit", /limits\.memory/, NOTHING_DONE],
  },
  "stack depth": {
    at: ["const f = (n: number): number => (n ? 1 + f(n - 1) : 0); return f(4000)", 4000],
    over: ["const f = (): number => 1 + f(); return f()", "StackLimit", /RangeError: Maximum call stack size exceeded: 984 KiB \(limit STACK_KIB\)\nat line 1, column 27/, NOTHING_DONE],
  },
  "host calls": {
    at: [`for (let i = 0; i < 20; i++) await faulty.echo({ text: "x" }); return 20`, 20],
    over: [`for (let i = 0; i < 21; i++) await faulty.echo({ text: "x" })`, "CallLimit", /the limit is 20 \(limits\.calls in the configuration\)[^]*faulty\.echo x 20: ok/, MAYBE_DONE],
  },
  "one argument": {
    at: [`return (await faulty.echo({ text: "x".repeat(${ARGUMENT} - '{"text":""}'.length) })).length`, ARGUMENT - 11],
    over: [`return faulty.echo({ text: "x".repeat(${ARGUMENT} - '{"text":""}'.length + 1) })`, "ArgumentLimit", /the limit is 65536 bytes \(limits\.argument in the configuration\)/, NOTHING_DONE],
  },
  "the depth of one argument": {
    // The call itself is two levels of the frame.
    at: [`${nested(DEPTH - 2, 1)} return (await contract.arguments({ deep })) !== undefined`, true],
    over: [`${nested(DEPTH - 1, 1)} return contract.arguments({ deep })`, "DepthLimit", /the limit RPC_DEPTH is 128 levels/, NOTHING_DONE],
  },
  "one reply": {
    at: [`return (await faulty.huge({ bytes: ${REPLY} - '""'.length })).length`, REPLY - 2],
    over: [`return faulty.huge({ bytes: ${REPLY} - '""'.length + 1 })`, "ReplyLimit", /larger than 65536 bytes \(limits\.reply in the configuration\)[^]*The tool has answered/, MAYBE_DONE],
  },
  "one message of a server": { over: [`return faulty.huge({ bytes: ${33 * MIB} })`, "ReplyLimit", /'faulty' was over 33554432 bytes \(limit RPC_MESSAGE_BYTES\)/, MAYBE_DONE] },
  "console lines": {
    // Each ends with a line break.
    at: [`console.log("x".repeat(${LOG} / 2 - 1)); console.log("x".repeat(${LOG} / 2 - 1)); return 1`, 1],
    over: [`console.log("x".repeat(${LOG} / 2 - 1)); console.log("x".repeat(${LOG} / 2 - 1)); console.log("")`, "LogLimit", /65536 bytes \(limit LOG_BYTES\)/, NOTHING_DONE],
  },
  "emitted blocks": {
    at: [`mcp.emit("x".repeat(${EMIT - BLOCK})); return 1`, 1],
    over: [`mcp.emit("x".repeat(${EMIT - BLOCK + 1}))`, "EmitLimit", /16777216 bytes of content blocks \(limit EMIT_BYTES\)/, NOTHING_DONE],
  },
  "the value": {
    at: [`return "x".repeat(${RESULT} - 2)`],
    over: [`return "x".repeat(${RESULT} - 1)`, "ResultLimit", /more than 16777216 bytes as JSON \(limit RESULT_BYTES\)/, NOTHING_DONE],
  },
  "a value of many parts": { over: [`const text = "x".repeat(${64 * KIB}); return Array.from({ length: 300 }, () => text)`, "ResultLimit", /limit RESULT_BYTES/, NOTHING_DONE] },
  "pending timers": {
    at: [`for (let i = 0; i < ${TIMERS}; i++) setTimeout(() => {}, 10); return 1`, 1],
    over: [`for (let i = 0; i <= ${TIMERS}; i++) setTimeout(() => {}, 10)`, "TimerLimit", /1000 timers at a time \(limit PENDING_TIMERS\)/, NOTHING_DONE],
  },
  "the code": {
    at: ["return 1 //".padEnd(CODE, "x"), 1],
    over: ["return 1 //".padEnd(CODE + 1, "x"), "CodeLimit", /65537 bytes; the limit CODE_BYTES is 65536/, NOTHING_RUN],
  },
  "nested brackets": {
    at: [`return ${"(".repeat(200)}1${")".repeat(200)}`, 1],
    over: [`return ${"(".repeat(201)}1${")".repeat(201)}`, "SyntaxError", /CODE_NESTING is 200 brackets/, NOTHING_RUN],
  },
  "operators in a row": {
    // The statement and the function around them are two levels of the tree.
    at: [`return ${"1 + ".repeat(3998)}1`, 3999],
    over: [`return ${"1 + ".repeat(3999)}1`, "SyntaxError", /CODE_DEPTH 4000 operators/, NOTHING_RUN],
  },
};

// Each ends at once, since nothing is left that could go on.
const unsettled = {
  "a promise": "await new Promise(() => {})",
  "promises that wait for each other": "const a: any = (async () => { await 1; await b; })(); const b: any = (async () => { await a; })(); await b",
  "a thenable that does nothing": "return { then() {} }",
  "after a call": `await faulty.echo({ text: "x" }); await new Promise(() => {})`,
  "after a timer": "await new Promise((done) => setTimeout(done, 5)); await new Promise(() => {})",
};

// What has no JSON of its own: code and the text of the result.
const rendered = [
  ["const a: any = { b: [] }; a.b.push(a); return a", '{"b":["[Circular]"]}'],
  ["return [123n, NaN, Infinity, -Infinity, -0, undefined, null]", '["123","NaN","Infinity","-Infinity",0,null,null]'],
  ["return { u: undefined, s: Symbol('x'), [Symbol('key')]: 1 }", '{"s":"Symbol(x)"}'],
  ["return [() => 1, function named() {}, class A {}, Math.max]", '["[Function]","[Function: named]","[Function: A]","[Function: max]"]'],
  ["return [new Map([['k', 1]]), new Map([[1, 2]]), new Set([1, [2]]), new WeakMap(), new WeakSet()]", '[{"k":1},[[1,2]],[1,[2]],"[WeakMap]","[WeakSet]"]'],
  ["return [new Date(0), new Date(NaN), /a/g]", '["1970-01-01T00:00:00.000Z","Invalid Date","/a/g"]'],
  ["return [new Uint8Array([1]), new Float64Array([0.5, NaN]), new Uint16Array([2]).buffer, new DataView(new ArrayBuffer(1))]", '[[1],[0.5,"NaN"],[2,0],[0]]'],
  ["return [Object(1), Object('s'), Object(2n), Object(true)]", '[1,"s","2",true]'],
  ["return [new TypeError('t'), Object.assign(new Error('e'), { code: 7 })]", '[{"name":"TypeError","message":"t"},{"name":"Error","message":"e","code":7}]'],
  ["class A { #p = 1; q = 2; get r() { return 3; } }\nreturn [new A()]", '[{"q":2}]'],
  ["return [{ get a() { throw new Error('no'); }, b: 1 }, { toJSON() { throw 5; } }]", '[{"a":"[Throws Error: no]","b":1},"[Throws 5]"]'],
  ["return [new Proxy({ a: 1 }, {}), new Proxy([1], {}), new Proxy({}, { ownKeys() { throw new Error('keys'); } })]", '[{"a":1},[1],"[Throws Error: keys]"]'],
  ["const { proxy, revoke } = Proxy.revocable({}, {}); revoke(); return [proxy]", /^\["\[Throws TypeError: [^"]*\]"\]$/],
  ["const a: any[] = []; a[3] = 1; return a", "[null,null,null,1]"],
  ["return [Promise.resolve(1), (function* () { yield 1; })(), new Map().values()]", '["[Promise: await it]","[Generator]","[Iterator]"]'],
  ["const loop: any = () => ({ toJSON: loop }); return [{ toJSON: loop }]", /Nested too deeply/],
  [`${nested(1000, 1)} return deep`, /Nested too deeply/],
  ["return Object.assign(Object.create(null), { __proto__x: 1 })", '{"__proto__x":1}'],
  [`return JSON.parse('{"__proto__":{"a":1}}')`, '{"__proto__":{"a":1}}'],
  ["return ['a\\ud800b']", /^\["a(\\ud800|\ufffd)b"\]$/],
];

// A program and a session for the tests of a describe(); filled before the first of them.
function limitedSession(span) {
  const session = {};
  before(async () => {
    const world = session.world = new World();
    world.servers = { faulty: world.fixture("faulty.mjs"), contract: world.fixture("contract.mjs") };
    session.program = await world.serve({ limits: { ...LIMITS, ...span }, typecheck: "off" });
    session.scripts = new Scripts(await connect(session.program));
    await session.scripts.client.listTools({ timeout: 90_000 });
  });
  after(async () => {
    await session.scripts?.client.close();
    await session.world.close();
  });
  afterEach(async () => assert.equal(await session.scripts.text(`return contract.echo({ value: "normal" })`), "normal"));
  return session;
}

function testsOf(session, table) {
  for (const [name, { at, over: [code, kind, says, rerun] }] of Object.entries(table)) {
    if (at) {
      test(`${name}: at the limit`, async () => {
        const { isError, content } = await session.scripts.run(at[0]);
        assert.equal(isError, false, content[0].text.slice(0, 1000));
        if (at.length > 1) assert.deepEqual(JSON.parse(content[0].text.split("\nConsole:")[0]), at[1]);
      });
    }
    test(`${name}: over it`, async () => {
      const { isError, content: [{ text }] } = await session.scripts.run(code);
      assert.equal(isError, true, text);
      assert.match(text, kind instanceof RegExp ? kind : new RegExp(`^${kind}:`));
      assert.match(text, says);
      assert.match(text, rerun);
    });
  }
}

describe("limits of time", () => {
  const session = limitedSession(SHORT);
  testsOf(session, times);

  test("calls at a time: more than the limit wait their turn", async () => {
    // Nothing comes of a call before as many are open as the limit lets through.
    assert.deepEqual(await session.scripts.value(`return Promise.all(Array.from({ length: 12 }, () => faulty.gather({ count: 4 })))`), Array(12).fill("4"));
    await session.scripts.failure("ToolTimeout", `return Promise.all(Array.from({ length: 5 }, () => faulty.gather({ count: 5 })))`);
  });
});

describe("limits", () => {
  const session = limitedSession(LONG);
  testsOf(session, limits);

  test("a value is shortened over the budget for its text, and only then", async () => {
    assert.equal(await session.scripts.text(`return "x".repeat(2000)`), "x".repeat(2000));
    assert.match(await session.scripts.text(`return "x".repeat(2001)`), /^\[Shortened: the whole value has 2001 characters/);
  });

  test("input is an argument as well", async () => {
    const input = "x".repeat(ARGUMENT - 2);
    assert.equal(await session.scripts.value("return (input as string).length", input), input.length);
    assert.match(await session.scripts.failure("ArgumentLimit", "return 1", input + "x"), /65537 bytes; the limit is 65536 \(limits\.argument[^]*/);
  });

  for (const [name, code] of Object.entries(unsettled)) {
    test(`nothing left to wait for: ${name}`, async () => {
      const from = session.program.log.length;
      assert.match(await session.scripts.failure("NeverSettled", code), /a promise that nothing will settle: no call, no timer is pending/);
      const { duration_ms } = await session.program.event("done", { outcome: "NeverSettled" }, from);
      assert.ok(duration_ms < 5000, `${duration_ms} ms: the deadline was waited for`);
    });
  }

  for (const [code, text] of rendered) {
    test(`rendered: ${code.slice(0, 70).replaceAll("\n", " ")}`, async () => {
      const found = await session.scripts.text(code);
      if (text instanceof RegExp) assert.match(found, text);
      else assert.equal(found, text);
    });
  }

  test("calls that nobody awaited are told, with their outcome in the ledger", async () => {
    const { isError, content, _meta } = await session.scripts.run(`
      faulty.never({}); faulty.refuse({}).catch(() => {});
      await faulty.echo({ text: "awaited" });
      await new Promise((done) => setTimeout(done, 100));
      for (let i = 0; i < 3; i++) faulty.never({});
      contract.change({});
      return 1`);
    assert.equal(isError, false);
    assert.match(content[0].text, /^1\nNote: 5 calls were not awaited and cut off when the script ended; whether the work was done is not known/);
    const outcomes = _meta["mcpfold/run"].calls.map(({ tool, outcome }) => `${tool} ${outcome}`);
    assert.deepEqual(outcomes.sort(), ["change not sent", "echo ok", ...Array(4).fill("never in flight"), "refuse error"]);
  });

  test("a limit that a script catches is an error like any other", async () => {
    const text = await session.scripts.text(`
      const names: string[] = [];
      const note = (error: any) => names.push(error.name + " " + (error instanceof RangeError));
      try { for (;;) console.log("x".repeat(10000)); } catch (error) { note(error); }
      try { for (;;) setTimeout(() => {}, 1); } catch (error) { note(error); }
      try { new ArrayBuffer(${64 * MIB}); } catch (error) { note(error); }
      await faulty.echo({ text: "x".repeat(${ARGUMENT}) }).catch(note);
      return names;`);
    const caught = JSON.parse(text.slice(0, text.indexOf("\nConsole:")));
    assert.deepEqual(caught, ["LogLimit true", "TimerLimit true", "RangeError true", "ArgumentLimit true"]);
  });
});
