// Servers ask in the middle of a script; the question reaches the client that runs it, and its
// answer returns: official clients of both eras, servers of both, over both transports.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Client as ClientV1 } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport as StdioV1 } from "@modelcontextprotocol/sdk/client/stdio.js";
import { StreamableHTTPClientTransport as HttpV1 } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { CreateMessageRequestSchema, ElicitRequestSchema, ListRootsRequestSchema } from "@modelcontextprotocol/sdk/types.js";
import { Client as ClientV2, StreamableHTTPClientTransport as HttpV2 } from "@modelcontextprotocol/client";
import { StdioClientTransport as StdioV2 } from "@modelcontextprotocol/client/stdio";
import { allGone, isolateProcesses, settles } from "./lib/processes.mjs";
import { World, sleep, valueOf } from "./lib/world.mjs";

const info = { name: "scenario", version: "1" };
const MODERN = "2026-07-28";
const ALL = { elicitation: { form: {}, url: {} }, sampling: {}, roots: {} };
const capabilities = ALL;

const schemas = { "elicitation/create": ElicitRequestSchema, "sampling/createMessage": CreateMessageRequestSchema, "roots/list": ListRootsRequestSchema };

const kinds = [
  { name: "SDK v1", make: (options) => new ClientV1(info, options), on: (client, method, fn) => client.setRequestHandler(schemas[method], fn), http: HttpV1, stdio: StdioV1 },
  ...["legacy", "auto", { pin: MODERN }].map((mode) => ({
    name: `SDK v2 ${JSON.stringify(mode)}`,
    make: (options) => new ClientV2(info, { versionNegotiation: { mode }, ...options }),
    on: (client, method, fn) => client.setRequestHandler(method, fn),
    http: HttpV2,
    stdio: StdioV2,
  })),
];

// A client that answers all questions, and what it was asked.
function answering(kind, answers, options = { capabilities }) {
  const client = kind.make(options);
  client.asked = [];
  for (const [method, answer] of Object.entries(answers)) {
    kind.on(client, method, async ({ params }) => {
      client.asked.push({ method, ...params });
      return typeof answer === "function" ? answer(params) : answer;
    });
  }
  return client;
}

const usual = {
  "elicitation/create": ({ mode }) => (mode === "url" ? { action: "accept" } : { action: "accept", content: { name: "Ada" } }),
  "sampling/createMessage": { role: "assistant", model: "m", content: { type: "text", text: "hi" } },
  "roots/list": { roots: [{ uri: "file:///a", name: "a" }] },
};

const run = (client, code) => client.callTool({ name: "execute_code", arguments: { code } }, undefined, { timeout: 60_000 });

const upstreams = [
  ["stdio", "legacy"],
  ["stdio", "modern"],
  ["http", "legacy"],
  ["http", "modern"],
];

// Every server of its own world, by name: asks_stdio_legacy and so on.
async function serverSet(world) {
  const servers = {};
  for (const [way, era] of upstreams) {
    const name = `asks_${way}_${era}`;
    if (way === "stdio") servers[name] = world.fixture("questions.mjs", "stdio", era);
    else servers[name] = { url: `http://127.0.0.1:${await world.serveFixture("questions.mjs", era)}/mcp` };
  }
  return servers;
}

describe("questions of servers", () => {
  let world, program;
  before(async () => {
    world = new World();
    world.servers = await serverSet(world);
    program = await world.serve();
  });
  after(() => world.close());

  async function using(client, transport, use) {
    await client.connect(transport);
    try {
      return await use(client);
    } finally {
      await client.close();
    }
  }

  async function allKinds(kind, transport) {
    for (const [way, era] of upstreams) await using(answering(kind, usual), transport(), (client) => oneServer(client, `asks_${way}_${era}`));
  }

  async function oneServer(client, server) {
    const result = await run(client, `
      const before = await ${server}.calls();
      const name = await ${server}.name({ words: "Your name?" });
      const visit = await ${server}.visit({ words: "Sign in" });
      const said = await ${server}.complete({ words: "Say hi" });
      const { roots } = await ${server}.roots({});
      return { name, visit: visit.action, said: said.content, roots, calls: (await ${server}.calls()) - before };`);
    assert.deepEqual(valueOf(result), {
      name: { action: "accept", content: { name: "Ada" } },
      visit: "accept",
      said: { type: "text", text: "hi" },
      roots: [{ uri: "file:///a", name: "a" }],
      calls: 4,
    });
    const [form, url, sampling, roots] = client.asked;
    assert.equal(form.message, `[${server}] Your name?`);
    assert.equal(url.message, `[${server}] Sign in`);
    assert.equal(url.url, "https://example.com/consent");
    assert.equal(sampling.systemPrompt, "Be brief");
    assert.equal(sampling.messages[0].content.text ?? sampling.messages[0].content[0].text, "Say hi");
    assert.equal(roots.method, "roots/list");
    const { calls } = result._meta["mcpfold/run"];
    assert.deepEqual(calls.filter(({ questions }) => questions).map(({ tool, questions }) => [tool, questions]), [["name", 1], ["visit", 1], ["complete", 1], ["roots", 1]]);
  }

  for (const kind of kinds) {
    test(`${kind.name} over HTTP answers servers of both eras`, () => allKinds(kind, () => new kind.http(program.url)));
    test(`${kind.name} over stdio answers servers of both eras`, () => allKinds(kind, () => new kind.stdio({ ...world.stdio(), stderr: "ignore" })));

    test(`${kind.name}: several at a time`, () => using(answering(kind, usual), new kind.http(program.url), async (client) => {
      const names = upstreams.map(([way, era]) => `asks_${way}_${era}`);
      const result = await run(client, `return await Promise.all([${names.map((name) => `${name}.name({ words: "${name}" })`)}])`);
      assert.deepEqual(valueOf(result).map(({ content }) => content.name), ["Ada", "Ada", "Ada", "Ada"]);
      assert.deepEqual(client.asked.map(({ message }) => message).sort(), names.map((name) => `[${name}] ${name}`).sort());
    }));

    test(`${kind.name}: what the user declines or cancels is data`, () => using(answering(kind, { "elicitation/create": ({ message }) => ({ action: message.includes("no") ? "decline" : "cancel" }) }), new kind.http(program.url), async (client) => {
      const result = await run(client, `
        const actions = [];
        for (const server of [${upstreams.map(([way, era]) => `asks_${way}_${era}`)}])
          for (const words of ["no", "go away"]) actions.push((await server.name({ words })).action);
        return actions`);
      assert.deepEqual(valueOf(result), upstreams.flatMap(() => ["decline", "cancel"]));
    }));

    test(`${kind.name} that can't be asked: a typed error`, () => using(kind.make({}), new kind.http(program.url), async (client) => {
      const result = await run(client, `
        const errors = [];
        for (const server of [${upstreams.map(([way, era]) => `asks_${way}_${era}`)}])
          for (const tool of ["name", "complete"])
            try { await server[tool]({ strict: true }); } catch (error) { errors.push(error); }
        return errors.map(({ name, server, tool, message }) => ({ name, server, tool, message }))`);
      const errors = valueOf(result);
      assert.deepEqual(errors.map(({ name, server, tool }) => [name, server, tool]),
        upstreams.flatMap(([way, era]) => ["name", "complete"].map((tool) => ["QuestionUnanswered", `asks_${way}_${era}`, tool])), JSON.stringify(errors));
      for (const { server, message } of errors) assert.match(message, server.endsWith("legacy") ? /got no answer: the client does not declare the capability (elicitation\.form|sampling)\./ : /would ask something, but the client does not declare/);
    }));
  }

  test("log messages and _meta of servers reach who asked", () => using(answering(kinds[3], usual, { capabilities }), new HttpV2(program.url), async (client) => {
    const logs = [];
    client.setNotificationHandler("notifications/message", ({ params }) => void logs.push(params));
    const _meta = { "io.modelcontextprotocol/logLevel": "warning", traceparent: `00-${"a".repeat(32)}-${"b".repeat(16)}-01`, tracestate: "v=1", "fixture/mine": 1 };
    const code = `
      await asks_stdio_modern.name({ words: "?" });
      const { content, _meta } = await mcp.call("asks_stdio_modern", "meta", {}, { meta: { "fixture/script": [2] } });
      return { seen: JSON.parse(content[0].text!), told: _meta["fixture/told"] }`;
    const result = await client.callTool({ name: "execute_code", arguments: { code }, _meta }, undefined, { timeout: 60_000 });
    const { seen, told } = valueOf(result);
    assert.equal(told, true);
    assert.equal(seen["fixture/mine"], 1);
    assert.deepEqual(seen["fixture/script"], [2]);
    assert.equal(seen.tracestate, "v=1");
    assert.match(seen.traceparent, /^00-a{32}-(?!b{16})[0-9a-f]{16}-01$/);
    assert.deepEqual(logs, [{ level: "warning", logger: "asks_stdio_modern/questions", data: { asks: "name" } }]);
  }));
});

// A modern client by hand, which comes back as it likes.
const envelope = { "io.modelcontextprotocol/protocolVersion": MODERN, "io.modelcontextprotocol/clientCapabilities": ALL };
let ids = 0;

async function send(program, params) {
  const body = JSON.stringify({ jsonrpc: "2.0", id: ++ids, method: "tools/call", params: { name: "execute_code", ...params, _meta: envelope } });
  const headers = { "content-type": "application/json", accept: "application/json, text/event-stream", "mcp-protocol-version": MODERN, "mcp-method": "tools/call", "mcp-name": "execute_code" };
  const answer = await (await fetch(program.url, { method: "POST", headers, body })).json();
  assert.equal(answer.id, ids);
  return answer;
}

function accepting({ inputRequests, requestState }) {
  const inputResponses = Object.fromEntries(Object.keys(inputRequests).map((key) => [key, { action: "accept", content: { name: "Ada" } }]));
  return { inputResponses, requestState };
}

describe("rounds", () => {
  let world;
  before(() => {
    world = new World();
    world.servers = { asks: world.fixture("questions.mjs", "stdio", "legacy") };
  });
  after(() => world.close());

  const code = `const { content } = await asks.name({ words: "?" }); return [content.name, Number(await asks.calls())]`;

  test("a retry that comes twice does nothing twice", async () => {
    const program = await world.serve();
    const { result: asked } = await send(program, { arguments: { code } });
    const [once, twice] = [await send(program, { arguments: { code }, ...accepting(asked) }), await send(program, { arguments: { code }, ...accepting(asked) })];
    assert.deepEqual(valueOf(once.result), ["Ada", 1]);
    assert.deepEqual(twice.result, once.result);
    const { result: again } = await send(program, { arguments: { code } });
    assert.deepEqual(valueOf((await send(program, { arguments: { code }, ...accepting(again) })).result), ["Ada", 2]);
    await program.stop();
  });

  test("a restart between rounds is told, and nothing is run", async () => {
    const first = await world.serve();
    const { result: asked } = await send(first, { arguments: { code } });
    const pids = first.descendants();
    await first.stop();
    await allGone(pids);
    const second = await world.serve();
    const { error } = await send(second, { arguments: { code }, ...accepting(asked) });
    assert.equal(error.code, -32602);
    assert.match(error.message, /mcpfold was restarted since\. Nothing was done/);
    assert.deepEqual(valueOf((await send(second, { arguments: { code: "return Number(await asks.calls())" } })).result), 0);
    await second.stop();
  });

  test("who does not come back in time comes too late; the script is over", async () => {
    const program = await world.serve({ limits: { ask: "1s" } });
    const { result: asked } = await send(program, { arguments: { code } });
    await program.event("suspended_call_ended");
    await settles("workers", () => isolateProcesses(program).workers.length, (count) => count <= 2);
    const { error } = await send(program, { arguments: { code }, ...accepting(asked) });
    assert.equal(error.code, -32602);
    assert.match(error.message, /is over or has expired .*limits\.ask/);
    await program.stop();
  });

  test("a script that waits for a person waits beyond limits.wall", async () => {
    const program = await world.serve({ limits: { wall: "5s" } });
    const { result: asked } = await send(program, { arguments: { code } });
    await sleep(5500);
    const { result } = await send(program, { arguments: { code }, ...accepting(asked) });
    assert.equal(valueOf(result)[0], "Ada");
    assert.ok(result._meta["mcpfold/run"].timings.asking_us > 5_400_000);
    await program.stop();
  });
});
