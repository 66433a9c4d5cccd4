// Servers that fail on the wire in the middle of a script: each gives a typed
// error or is got over, and another execution that uses the same server at the
// same time notices nothing.  And what else a server may do beside answering:
// run a task, return a link, change its tools.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { settles } from "./lib/processes.mjs";
import { mcpfold } from "./lib/command.mjs";
import { Scripts, connect } from "./lib/scripts.mjs";
import { World } from "./lib/world.mjs";

// A call and how it ends: its value, or the kind of its error.
const outcome = `
  const [server, tool, args] = input;
  try {
    return { value: await mcp.call(server, tool, args).then(({ content }) => content[0].text.slice(0, 100)) };
  } catch (error) {
    return { name: error.name, message: error.message };
  }`;

describe("the wire to servers", () => {
  let world, program, scripts, other;
  before(async () => {
    world = new World();
    const port = await world.serveFixture("faulty_wire.mjs");
    world.servers = {
      wire: { url: `http://127.0.0.1:${port}/mcp` },
      pipe: world.fixture("faulty.mjs"),
      everything: world.official("server-everything", "stdio"),
      tasks: world.fixture("tasks.mjs", "modern"),
      old_tasks: world.fixture("tasks.mjs", "legacy"),
    };
    program = await world.serve({ typecheck: "off", limits: { call: "20s" } });
    scripts = new Scripts(await connect(program));
    other = new Scripts(await connect(program));
  });
  after(async () => {
    await scripts?.client.close();
    await other?.client.close();
    await world.close();
  });

  const slow = `return wire.slow({ ms: 1500 })`;
  const patient = `return pipe.progress({ steps: 10, every: 100 })`;

  // [server, tool, arguments, value or kind of the error, in its message, whether the server itself lives on]
  const faults = [
    ["wire", "cut", {}, "ConnectionLost", /./],
    ["wire", "cut_stream", {}, "ConnectionLost", /./],
    ["wire", "short_length", {}, "ConnectionLost", /./],
    ["wire", "forgotten", {}, "ConnectionLost", /could not be resumed/],
    ["wire", "pour", {}, "ReplyLimit", /RPC_MESSAGE_BYTES/],
    ["wire", "pour_stream", {}, "ReplyLimit", /server-sent event over/],
    ["wire", "unknown_id", {}, "ToolError", /does not answer the request/],
    ["wire", "wrong_type", {}, "ToolError", /text\/plain/],
    ["wire", "twice", {}, "first"],
    ["wire", "junk", {}, "after junk"],
    ["wire", "endless", {}, "endless"],
    ["wire", "poll", { times: 2, retry: 100 }, "poll answered"],
    ["wire", "expire", {}, "forgotten"],
    ["pipe", "twice", {}, "first"],
    ["pipe", "halves", {}, "one line in two halves"],
    ["pipe", "huge", { bytes: 100_000_000 }, "ReplyLimit", /RPC_MESSAGE_BYTES/],
  ];
  for (const [server, tool, args, expected, message] of faults) {
    test(`${server}.${tool}: ${expected}, and nobody else notices`, async () => {
      const [undisturbed, told] = await Promise.all([other.text(server === "wire" ? slow : patient), scripts.value(outcome, [server, tool, args])]);
      if (message) assert.equal(told.name, expected, JSON.stringify(told));
      else assert.equal(told.value, expected, JSON.stringify(told));
      if (message) assert.match(told.message, message);
      assert.match(undisturbed, server === "wire" ? /slow answered/ : /after 10/);
      assert.equal(await scripts.text(`return mcp.call(input, "echo", { text: "on" }).then((r) => r.content[0].text)`, server), "on");
    });
  }

  test("a session that expires is renewed while other executions go on in it", async () => {
    const from = program.log.length;
    const waiting = other.text(slow);
    await scripts.text(`await wire.expire({}); return "expired"`);
    const echoes = `const texts = await Promise.all([1, 2, 3].map((n) => wire.echo({ text: String(n) }))); return texts.join()`;
    assert.equal(await scripts.text(echoes), "1,2,3");
    assert.match(await waiting, /slow answered/);
    const renewed = program.log.slice(from).filter(({ event, server }) => event === "session_renewed" && server === "wire");
    assert.equal(renewed.length, 1);
  });

  for (const half of [false, true]) {
    test(`a process that dies ${half ? "in half a line" : "in a call"} fails that call; executions of other servers go on`, async () => {
      const [undisturbed, told] = await Promise.all([other.text(slow), scripts.value(outcome, ["pipe", "die", { half }])]);
      assert.equal(told.name, "ConnectionLost", JSON.stringify(told));
      assert.match(told.message, /exited with status 3/);
      assert.match(undisturbed, /slow answered/);
      assert.equal(await scripts.text(`return pipe.echo({ text: "back" })`), "back");
    });
  }

  test("a tool that goes away in the middle of a script fails with what its server says", async () => {
    await settles("the stream of changes", async () => (await scripts.value(`return wire.counts({})`)).gets, (gets) => gets > 0);
    const told = await scripts.value(`
      const before = await wire.doomed({});
      await wire.shrink({ tool: "doomed" });
      const echo = await wire.echo({ text: "others stay" });
      try {
        return [before, echo, await wire.doomed({})];
      } catch (error) {
        return [before, echo, error.name, error.message, error.code];
      }`);
    assert.deepEqual(told.slice(0, 3), ["still here", "others stay", "ToolError"]);
    assert.match(told[3], /Unknown tool: doomed/);
    const names = () => scripts.value(`return (await mcp.search("doomed", { limit: 50 })).map(({ path }) => path)`);
    await settles("the tools", names, (paths) => !paths.includes("wire.doomed"));
  });

  test("a tool that requires a task is called as any other", async () => {
    assert.match(await scripts.text(`return everything.simulate_research_query({ topic: "tides" })`), /Research Report: tides/);
    for (const server of ["tasks", "old_tasks"]) {
      assert.match(await scripts.text(`return mcp.call(input, "work", { steps: 2 }).then((r) => r.content[0].text)`, server), /worked 2 steps/);
      const failed = await scripts.value(outcome, [server, "fails", {}]);
      assert.equal(failed.name, "ToolError");
      assert.match(failed.message, /the disk is full/);
      const refused = await scripts.value(outcome, [server, "is_error", {}]);
      assert.match(JSON.stringify(refused), /no such file/);
    }
  });

  test("lists that are not whole are said to be so", async () => {
    const config = world.config({ servers: { round: world.fixture("faulty.mjs", "cycle"), torn: world.fixture("faulty.mjs", "torn") } });
    const { code, stdout } = await mcpfold(["check", "--connect", "-c", config]);
    assert.equal(code, 0, stdout);
    assert.match(stdout, /round +ready [^]*3 tools[^]*tools\/list was cut short after 3 items on 3 pages: its cursors go in a circle/);
    assert.match(stdout, /torn +ready [^]*2 tools[^]*tools\/list was cut short after 2 items on 1 page: no such cursor/);
  });

  test("a tool whose annotations are not valid is left out over HTTP, by name and reason", async () => {
    const port = await world.serveFixture("faulty_modern.mjs");
    const modern = await world.serve({ typecheck: "off", servers: { modern: { url: `http://127.0.0.1:${port}/0` } } });
    const own = new Scripts(await connect(modern));
    assert.equal(await own.text(`return modern.region({ region: "north" })`), "in north");
    await modern.event("tool_dropped", { tool: /bad_type/, message: /type is not string, integer or boolean/ });
    await modern.event("tool_dropped", { tool: /bad_twice/, message: /twice/ });
    await own.text(`await modern.rename({}); return modern.region({ region: "south" })`);
    assert.equal(modern.log.filter(({ event, tool }) => event === "tool_dropped" && tool.includes("bad_type")).length, 1);
    await own.client.close();
  });

  test("a session ends with the program", async () => {
    const port = await world.serveFixture("faulty_wire.mjs");
    const single = await world.serve({ servers: { wire: { url: `http://127.0.0.1:${port}/mcp` } } });
    const own = new Scripts(await connect(single));
    const counts = () => own.value(`return wire.counts({})`);
    await settles("the stream of changes", async () => (await counts()).gets, (gets) => gets > 0);
    await own.client.close();
    await single.stop();
    const ask = async (method, params, headers) => {
      const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method, params });
      return await fetch(`http://127.0.0.1:${port}/mcp`, { method: "POST", headers: { "content-type": "application/json", "mcp-protocol-version": "2025-11-25", ...headers }, body });
    };
    const hello = { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "observer", version: "1" } };
    const session = (await ask("initialize", hello)).headers.get("mcp-session-id");
    const { result } = await (await ask("tools/call", { name: "counts" }, { "mcp-session-id": session })).json();
    const { initialized, deleted } = JSON.parse(result.content[0].text);
    assert.deepEqual({ initialized, deleted }, { initialized: 2, deleted: 1 });
  });

  test("a link that a tool returns is read, listed or not", async () => {
    const read = await scripts.value(`
      const { content } = await mcp.call("everything", "get-resource-links", { count: 2 });
      const links = content.filter(({ type }) => type === "resource_link");
      const listed = (await mcp.resources("everything")).map(({ uri }) => uri);
      const texts = await Promise.all(links.map(({ uri }) => mcp.resources.read("everything", uri)));
      return { listed: links.some(({ uri }) => listed.includes(uri)), contents: texts.map(({ contents }) => contents[0].text ?? contents[0].blob) };`);
    assert.equal(read.listed, false);
    assert.match(read.contents[1], /Resource 2/);
    assert.ok(read.contents[0].length > 0);
  });
});
