// Faults from outside: a part is killed, stopped, or gets no more processes or
// descriptors.  Who is concerned is told what happened, the program recovers by
// itself, /readyz shows it, and nothing is left over.
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, openSync, readFileSync, readdirSync, renameSync, symlinkSync } from "node:fs";
import { connect as connectSocket, createServer } from "node:net";
import { dirname, join } from "node:path";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";
import { commandLine, denyProcesses, isZombie, isolateProcesses, limitOf, openDescriptors, setLimit, settles } from "./lib/processes.mjs";
import { Scripts, connect } from "./lib/scripts.mjs";
import { Program, World, binary, node } from "./lib/world.mjs";

// As many workers before a fault as after it.
const SETTINGS = { limits: { wall: "12s", call: "3s" }, pool: { min: 4, spare: 4 } };

async function readiness(program) {
  const response = await fetch(new URL("/readyz", program.url), { headers: { connection: "close" } });
  return [response.status, (await response.text()).trim()];
}

const becomesReady = (program) => settles("readiness", () => readiness(program), ([status]) => status === 200);

// What a program holds, to be the same again after a fault.
function holdings(program) {
  const pids = program.descendants();
  return { descriptors: openDescriptors(program.child.pid), processes: pids.length, zombies: pids.filter(isZombie).length };
}

const compilerOf = (program) => program.descendants().find((pid) => commandLine(pid).includes("--api"));
const serverOf = (program, mode) => program.descendants().find((pid) => commandLine(pid)[0] === node && commandLine(pid)[2] === mode);

describe("faults", () => {
  let world, program, scripts, other, calm;
  before(async () => {
    world = new World();
    world.servers = { faulty: world.fixture("faulty.mjs", "first"), second: world.fixture("faulty.mjs", "second") };
    program = await world.serve(SETTINGS);
    scripts = new Scripts(await connect(program));
    other = new Scripts(await connect(program));
    await Promise.all([scripts, other].map((each) => each.text(`return second.echo({ text: "warm" })`)));
    await becomesReady(program);
    await settles("workers", () => isolateProcesses(program).workers.length, (count) => count === SETTINGS.pool.min);
    calm = await settles("a calm program", () => holdings(program), ({ zombies }) => zombies === 0);
  });
  after(async () => {
    await Promise.all([scripts, other].map((each) => each?.client.close()));
    await world.close();
  });
  let from;
  beforeEach(() => (from = program.log.length));
  afterEach(async () => {
    await becomesReady(program);
    assert.equal(await scripts.text(`return await faulty.echo({ text: "the next" })`), "the next");
    await settles("left over", () => ({ now: holdings(program), calm }), ({ now }) =>
      now.zombies === 0 && now.processes === calm.processes && now.descriptors <= calm.descriptors);
  });

  // A script that has begun a call which is not answered; its outcome is still to come.
  async function inMidCall(code = "return faulty.never({})") {
    const begun = program.log.length;
    const outcome = scripts.run(code);
    await program.event("stderr", { server: "faulty", line: /^called / }, begun);
    return { outcome };
  }

  // Of the workers the one that runs a script: it alone has touched memory since it was ready.
  function busyWorker() {
    const faults = (pid) => Number(readFileSync(`/proc/${pid}/stat`, "utf8").replace(/^.*\) /s, "").split(" ")[7]);
    return isolateProcesses(program).workers.toSorted((a, b) => faults(b) - faults(a))[0];
  }

  function killWorkers() {
    for (const worker of isolateProcesses(program).workers) process.kill(worker, "SIGKILL");
  }

  // Tells when the program has written something since: to a compiler that is stopped, what it is to check.
  function checking() {
    const written = () => Number(/^wchar: (\d+)/m.exec(readFileSync(`/proc/${program.child.pid}/io`, "utf8"))[1]);
    const before = written();
    return () => written() > before;
  }

  async function failsWith(kind, outcome) {
    const { isError, content: [{ text }] } = await outcome;
    assert.equal(isError, true, text);
    assert.match(text, new RegExp(`^${kind}:`));
    return text;
  }

  test("a worker that is killed in the middle of a call", async () => {
    const { outcome } = await inMidCall();
    process.kill(busyWorker(), "SIGKILL");
    const text = await failsWith("WorkerCrash", outcome);
    assert.match(text, /the worker was killed: by the kernel for want of memory, or by an operator/);
    assert.match(text, /faulty\.never: in flight[^]*Whether running the code again is safe is not known/);
    await program.event("done", { outcome: "WorkerCrash" }, from);
    await program.event("stderr", { server: "faulty", line: /^cancelled / }, from);
  });

  test("a worker that is killed before its script runs: another one runs it", async () => {
    const compiler = compilerOf(program);
    process.kill(compiler, "SIGSTOP");
    const outcome = scripts.text(`return [${Math.random()}, await faulty.echo({ text: "replaced" })][1]`);
    await settles("a check", checking(), (found) => found);
    killWorkers();
    process.kill(compiler, "SIGCONT");
    assert.equal(await outcome, "replaced");
    await program.event("idle_worker_ended", { message: /the worker was killed/ }, from);
  });

  test("a worker that is stopped in the middle of a call", async () => {
    const { outcome } = await inMidCall(`await faulty.never({}).catch(() => {}); return 1`);
    process.kill(busyWorker(), "SIGSTOP");
    assert.match(await failsWith("TimeLimit", outcome), /12000 ms \(limits\.wall[^]*faulty\.never: outcome unknown/);
  });

  test("the zygote is killed while a script runs", async () => {
    const { outcome } = await inMidCall();
    process.kill(isolateProcesses(program).zygote, "SIGKILL");
    await failsWith("WorkerCrash", outcome);
    await program.event("zygote_down", { message: /mcpfold-isolate ended/ }, from);
    await program.event("zygote_ready", {}, from);
  });

  test("what keeps the zygote is killed", async () => {
    process.kill(isolateProcesses(program).outer, "SIGKILL");
    await program.event("zygote_down", {}, from);
    await program.event("zygote_ready", {}, from);
  });

  test("the zygote is stopped: those who wait are served by its successor", async () => {
    process.kill(isolateProcesses(program).zygote, "SIGSTOP");
    const values = await Promise.all(Array.from({ length: 12 }, (_, n) => scripts.value("return input", n)));
    assert.deepEqual(values, Array.from({ length: 12 }, (_, n) => n));
    await program.event("zygote_down", { message: /no worker became ready within 5000 ms/ }, from);
  });

  test("no more processes: those who wait are told why, and the service returns", async () => {
    const { pid } = program.child;
    const limit = limitOf(pid, "processes");
    setLimit(pid, "nproc", 1); // the next zygote has it from the program
    try {
      process.kill(isolateProcesses(program).zygote, "SIGKILL");
      await settles("readiness", () => readiness(program), ([status, why]) => status === 503 && /Resource temporarily unavailable/.test(why));
      const text = await scripts.failure("WorkerUnavailable", "return 1");
      assert.match(text, /Resource temporarily unavailable[^]*Nothing has run/);
    } finally {
      setLimit(pid, "nproc", limit);
    }
    await program.event("zygote_ready", {}, from);
  });

  test("the zygote gets no more processes: those who wait are served when it does", async (t) => {
    const { zygote } = isolateProcesses(program);
    const allow = denyProcesses(zygote);
    if (!allow) return t.skip("needs CAP_SYS_RESOURCE or a control group of its own");
    let waits;
    try {
      killWorkers(); // of which one more may have come until now
      waits = scripts.value("return 7");
      await program.event("fork_refused", { why: /cannot fork a worker: Resource temporarily unavailable/ }, from);
      await settles("readiness", () => readiness(program), ([status, why]) => status === 503 && /cannot fork a worker/.test(why));
    } finally {
      allow();
    }
    assert.equal(await waits, 7);
    assert.equal(isolateProcesses(program).zygote, zygote);
  });

  test("the compiler is killed in the middle of a check: the check is made again", async () => {
    const compiler = compilerOf(program);
    process.kill(compiler, "SIGSTOP");
    const outcome = scripts.run(`return [${Math.random()}, await faulty.echo({ text: "checked" })]`);
    await settles("a check", checking(), (found) => found);
    process.kill(compiler, "SIGKILL");
    const { isError, content: [{ text }] } = await outcome;
    assert.equal(isError, false, text);
    assert.match(text, /checked/);
  });

  test("the compiler is stopped: the check ends in time, and the next one is made", async () => {
    process.kill(compilerOf(program), "SIGSTOP");
    const text = await failsWith("CheckUnavailable", scripts.run(`return ${Math.random()}`));
    assert.match(text, /took too long \(limit: 5000 ms\)[^]*Nothing has run/);
    await program.event("check_timed_out", {}, from);
    assert.match(await scripts.failure("TypeCheckError", "return faulty.nothing()"), /nothing/);
  });

  test("an upstream is stopped: its calls end in time, others go on, and it returns", async () => {
    const pid = serverOf(program, "second");
    process.kill(pid, "SIGSTOP");
    const slow = scripts.failure("ToolTimeout", `return second.echo({ text: "x" })`);
    assert.equal(await other.text(`return faulty.echo({ text: "meanwhile" })`), "meanwhile");
    assert.match(await slow, /"second" did not answer within 3000 ms[^]*may or may not/);
    process.kill(pid, "SIGCONT");
    assert.equal(await scripts.text(`return second.echo({ text: "again" })`), "again");
  });

  test("no more descriptors: workers, compiler and upstreams are told of, and return", async () => {
    const { pid } = program.child;
    const limit = limitOf(pid, "open files");
    setLimit(pid, "nofile", openDescriptors(pid));
    try {
      process.kill(compilerOf(program), "SIGKILL");
      process.kill(serverOf(program, "second"), "SIGKILL");
      killWorkers();
      const sockets = Array.from({ length: 50 }, () => connectSocket(program.port, "127.0.0.1").on("error", () => {}));
      await program.event("accept_paused", { mend: /ulimit -n/ }, from);
      for (const socket of sockets) socket.destroy();
    } finally {
      setLimit(pid, "nofile", limit);
    }
    await settles("the second server", () => other.run(`return second.echo({ text: "back" })`), ({ isError }) => !isError);
  });
});

describe("faults of the start", () => {
  let world;
  beforeEach(() => {
    world = new World();
    world.servers = { faulty: world.fixture("faulty.mjs") };
  });
  afterEach(() => world.close());

  // The compiler's folder, made of links, so that its program can be taken away.
  function compilerFolder() {
    const real = join(dirname(binary), "lib/mcpfold/typescript"), folder = join(world.folder, "typescript");
    mkdirSync(folder);
    for (const name of readdirSync(real)) symlinkSync(join(real, name), join(folder, name));
    return folder;
  }

  test("the compiler can't be started: told with the reason, not ready, and back when it is", async () => {
    const folder = compilerFolder();
    const program = await world.serve(SETTINGS, { MCPFOLD_TYPESCRIPT_DIR: folder });
    const scripts = new Scripts(await connect(program));
    assert.equal(await scripts.value("return 1"), 1);
    renameSync(join(folder, "tsc"), join(folder, "away"));
    process.kill(compilerOf(program), "SIGKILL");
    const text = await scripts.failure("CheckUnavailable", "return 2");
    assert.match(text, /tsc[^]*No such file[^]*`typecheck: warn` or `off`[^]*Nothing has run/);
    await program.event("compiler_not_started");
    assert.match((await readiness(program)).join(" "), /^503 .*tsc/);
    renameSync(join(folder, "away"), join(folder, "tsc"));
    assert.equal(await scripts.value("return 3"), 3);
    await becomesReady(program);
    await scripts.client.close();
  });

  test("with few descriptors from the start it serves a few clients", async () => {
    const child = spawn("sh", ["-c", `ulimit -n 96; exec "$@"`, "sh", binary, "serve", "-c", world.config(SETTINGS)], { stdio: ["ignore", "pipe", "pipe"] });
    const program = new Program(child);
    world.children.push(program);
    const { port } = await program.event("listening");
    program.url = new URL(`http://127.0.0.1:${port}/mcp`);
    const scripts = new Scripts(await connect(program));
    assert.equal(await scripts.text(`return faulty.echo({ text: "before" })`), "before");
    const sockets = Array.from({ length: 120 }, () => connectSocket(port, "127.0.0.1").on("error", () => {}));
    await program.event("accept_paused", { mend: /ulimit -n/ });
    assert.equal(await scripts.text(`return faulty.echo({ text: "meanwhile" })`), "meanwhile");
    for (const socket of sockets) socket.destroy();
    const late = await settles("a new client", () => connect(program).catch((error) => error), (client) => !(client instanceof Error));
    assert.equal(await new Scripts(late).text(`return faulty.echo({ text: "after" })`), "after");
    await late.close();
    await scripts.client.close();
  });

  async function freePort() {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address();
    server.close();
    return port;
  }

  test("a log that can't be written stops nothing", async () => {
    const full = openSync("/dev/full", "w");
    const port = await freePort();
    const child = spawn(binary, ["serve", "--listen", `127.0.0.1:${port}`, "-c", world.config(SETTINGS)], { stdio: ["ignore", "ignore", full] });
    try {
      const program = { url: new URL(`http://127.0.0.1:${port}/mcp`) };
      await settles("readiness", () => readiness(program).catch(() => [0]), ([status]) => status === 200);
      const scripts = new Scripts(await connect(program));
      assert.equal(await scripts.text(`return faulty.echo({ text: "unlogged" })`), "unlogged");
      await scripts.client.close();
    } finally {
      child.kill("SIGTERM");
      assert.deepEqual(await new Promise((resolve) => child.once("exit", (...end) => resolve(end))), [0, null]);
    }
  });

  test("a read-only place is enough to run from", () => {
    const output = execFileSync(binary, ["run", "-c", world.config({ log: { level: "error" } }), "-"], { input: "return faulty.echo({ text: 'ran' })", cwd: "/proc", env: { PATH: process.env.PATH, HOME: "/proc", TMPDIR: "/proc" }, encoding: "utf8" });
    assert.equal(output.trim(), "ran");
  });
});
