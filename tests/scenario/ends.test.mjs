// However the program or one of its parts ends, nothing is left behind, and
// what lives on works on.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { join } from "node:path";
import { afterEach, beforeEach, describe, test } from "node:test";
import { allGone, commandLine } from "./lib/processes.mjs";
import { Scripts, connect } from "./lib/scripts.mjs";
import { Program, World, binary, descendants, fixtures, node } from "./lib/world.mjs";

const END_MS = 25_000; // far above what an end takes; each stubborn server has a deadline of its own
const faulty = join(fixtures, "faulty.mjs");

// Whether a process was started with this argument.
const finds = (text) => (pid) => commandLine(pid).includes(text);

describe("ends", () => {
  let world;
  beforeEach(() => {
    world = new World();
    world.servers = {
      plain: world.fixture("faulty.mjs"),
      // As npx does it: a shell that starts the server and waits for it.
      wrapped: { command: ["sh", "-c", `sh -c '"${node}" "${faulty}"; exit $?'; exit $?`] },
      // Ignores SIGTERM and the end of its input, and has a child with a session of its own.
      stubborn: world.fixture("faulty.mjs", "stubborn"),
      // A grandchild whose parents are gone.
      orphaning: { command: ["sh", "-c", `(setsid sh -c 'sleep 1000 & sleep 1001' &) ; exec "${node}" "${faulty}"`] },
    };
  });
  afterEach(() => world.close());

  // Serves, with each server called and a script in each state at work.
  async function serveBusily() {
    const program = await world.serve({ limits: { cpu: "300s", wall: "600s" } });
    const scripts = new Scripts(await connect(program));
    for (const server of Object.keys(world.servers)) assert.equal(await scripts.text(`return ${server}.echo({ text: "here" })`), "here");
    const busy = Promise.allSettled(["for (;;) {}", "return plain.never({})", "return wrapped.never({})"].map((code) => scripts.run(code)));
    await program.event("stderr", { server: "plain", line: /^called / });
    await program.event("stderr", { server: "wrapped", line: /^called / });
    return { program, scripts, busy };
  }

  async function endsWithin(program, ms) {
    const timer = new Promise((resolve) => setTimeout(resolve, ms, "still runs").unref());
    return await Promise.race([program.ended, timer]);
  }

  for (const signal of ["SIGTERM", "SIGINT"]) {
    test(`${signal} ends serve cleanly, with scripts and calls at work`, async () => {
      const { program, busy } = await serveBusily();
      const pids = program.descendants();
      const sleeping = pids.map(commandLine).filter(([name]) => name === "sleep");
      assert.equal(sleeping.length, 3, "the servers' own children run");
      program.child.kill(signal);
      assert.deepEqual(await endsWithin(program, END_MS), { code: 0, signal: null });
      await allGone(pids);
      for (const { value } of await busy) assert.match(value?.content[0].text, /^Cancelled: mcpfold is shutting down/);
    });
  }

  test("SIGKILL of the program leaves nothing behind", async () => {
    const { program, busy } = await serveBusily();
    const pids = program.descendants();
    assert.ok(pids.length >= 12, `${pids.length} processes`);
    program.child.kill("SIGKILL");
    assert.equal((await program.ended).signal, "SIGKILL");
    await allGone(pids);
    await busy;
  });

  test("SIGKILL of mcpfold stdio leaves nothing behind", async () => {
    const program = world.startStdio();
    program.send({ id: 0, method: "initialize", params: { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "t", version: "1" } } });
    program.send({ id: 1, method: "tools/call", params: { name: "execute_code", arguments: { code: "return wrapped.never({})" } } });
    await program.event("stderr", { server: "wrapped", line: /^called / });
    const pids = program.descendants();
    program.child.kill("SIGKILL");
    await allGone(pids);
  });

  test("SIGINT of mcpfold run cancels the script, and leaves nothing behind", async () => {
    const child = spawn(binary, ["run", "-c", world.config({ log: { level: "debug" } }), "--json", "-"], { stdio: ["pipe", "pipe", "pipe"] });
    child.stdin.end("return wrapped.never({})");
    const program = new Program(child);
    world.children.push(program);
    await program.event("stderr", { server: "wrapped", line: /^called / });
    const pids = program.descendants();
    child.kill("SIGINT");
    assert.deepEqual(await endsWithin(program, END_MS), { code: 1, signal: null });
    const { error } = JSON.parse(program.lines[0]);
    assert.equal(error.kind, "Cancelled");
    assert.match(error.message, /interrupted by a signal/);
    await allGone(pids);
  });

  test("a zygote that is killed is started again; scripts at work end with an error", async () => {
    const { program, scripts } = await serveBusily();
    const from = program.log.length;
    const zygotes = program.descendants().filter(finds("--zygote"));
    process.kill(zygotes[0], "SIGKILL");
    await program.event("zygote_ready", {}, from);
    await allGone(zygotes);
    assert.equal(await scripts.value("return 6 * 7"), 42);
    await scripts.client.close();
  });

  test("a compiler that is killed is started again", async () => {
    const program = await world.serve();
    const scripts = new Scripts(await connect(program));
    await scripts.failure("TypeCheckError", "return plain.nothing()");
    process.kill(program.descendants().find(finds("--api")), "SIGKILL");
    await scripts.failure("TypeCheckError", "return plain.nothing_either()");
    assert.equal(await scripts.value("return 6 * 7"), 42);
    await scripts.client.close();
  });

  test("what keeps a server is killed: the server goes, and comes back", async () => {
    const program = await world.serve();
    const scripts = new Scripts(await connect(program));
    assert.equal(await scripts.text(`return wrapped.echo({ text: "before" })`), "before");
    const from = program.log.length;
    const keeper = program.descendants().find((pid) => commandLine(pid)[1] === "--keep-server" && commandLine(pid)[4]?.includes("exit $?"));
    const kept = [keeper, ...descendants(keeper)];
    assert.ok(kept.length >= 3, "a shell and the server");
    process.kill(keeper, "SIGKILL");
    await allGone(kept);
    await program.event("connected", { server: "wrapped" }, from);
    assert.equal(await scripts.text(`return wrapped.echo({ text: "after" })`), "after");
    const pids = program.descendants();
    await scripts.client.close();
    assert.deepEqual(await program.stop(), { code: 0, signal: null });
    await allGone(pids);
  });
});
