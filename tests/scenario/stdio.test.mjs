// The program as a client's child: what it starts, what it prints, how it ends.
import assert from "node:assert/strict";
import { after, afterEach, before, describe, test } from "node:test";
import { allGone } from "./lib/processes.mjs";
import { World, sampleScript, sampleValue, valueOf } from "./lib/world.mjs";

const META = {
  "io.modelcontextprotocol/protocolVersion": "2026-07-28",
  "io.modelcontextprotocol/clientCapabilities": {},
};
const discover = { id: "probe", method: "server/discover", params: { _meta: META } };
const initialize = { id: 0, method: "initialize", params: { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "t", version: "1" } } };
const callTool = (id, code) => ({ id, method: "tools/call", params: { name: "execute_code", arguments: { code } } });

describe("mcpfold stdio", () => {
  let world, program;
  before(() => void (world = new World()));
  afterEach(() => program.stop());
  after(() => world.close());

  test("a probe starts nothing and ends at once", async () => {
    program = world.startStdio();
    program.send(discover);
    assert.deepEqual((await program.answer("probe")).result.supportedVersions, ["2026-07-28"]);
    program.send(initialize);
    assert.equal((await program.answer(0)).result.protocolVersion, "2025-11-25");
    assert.deepEqual(program.descendants(), []);
    program.child.stdin.end();
    assert.deepEqual(await program.ended, { code: 0, signal: null });
  });

  test("nothing but messages is printed, and the end of input ends all after the answers", async () => {
    program = world.startStdio();
    program.send(initialize);
    program.send(callTool(1, `console.log("not on stdout"); ${sampleScript(world.folder)}`));
    program.child.stdin.end();
    const { result } = await program.answer(1);
    assert.match(result.content[0].text, /not on stdout/);
    assert.deepEqual(JSON.parse(result.content[0].text.split("\n")[0]), sampleValue);
    const pids = program.descendants();
    assert.deepEqual(await program.ended, { code: 0, signal: null });
    for (const line of program.lines) assert.equal(JSON.parse(line).jsonrpc, "2.0");
    await allGone(pids);
  });

  test("requests run side by side and are answered as they end", async () => {
    program = world.startStdio();
    program.send(initialize);
    program.send(callTool(1, "await new Promise((resolve) => setTimeout(resolve, 1500)); return 'slow'"));
    program.send(callTool(2, "return 'quick'"));
    assert.match((await program.answer(2)).result.content[0].text, /quick/);
    assert.match((await program.answer(1)).result.content[0].text, /slow/);
    const order = program.lines.map((line) => JSON.parse(line).id);
    assert.ok(order.indexOf(2) < order.indexOf(1));
  });

  test("a cancelled request is not answered, and the next one is", async () => {
    program = world.startStdio();
    program.send(initialize);
    program.send(callTool(1, 'console.log("it runs"); await new Promise((resolve) => setTimeout(resolve, 600_000));'));
    await program.find(program.lines, (line) => line.includes("it runs"), "console line");
    program.send({ method: "notifications/cancelled", params: { requestId: 1 } });
    program.send(callTool(2, "return 2"));
    assert.equal(valueOf((await program.answer(2)).result), 2);
    await program.event("done", { outcome: "Cancelled" });
    assert.ok(!program.lines.some((line) => JSON.parse(line).id === 1));
  });

  for (const signal of ["SIGTERM", "SIGINT"]) {
    test(`${signal} ends it and all it started`, async () => {
      program = world.startStdio();
      program.send(initialize);
      program.send(callTool(1, "return 1"));
      await program.answer(1);
      const pids = program.descendants();
      assert.ok(pids.length >= 4, "servers and zygote run");
      program.child.kill(signal);
      assert.equal((await program.ended).signal, null);
      await allGone(pids);
    });
  }
});
