// A server says that the user is done at a URL; the client that was sent there hears of it under the
// id that it was given, during the call and after it, and nobody else does.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Client as ClientV1 } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport as StdioV1 } from "@modelcontextprotocol/sdk/client/stdio.js";
import { StreamableHTTPClientTransport as HttpV1 } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { ElicitRequestSchema, ElicitationCompleteNotificationSchema } from "@modelcontextprotocol/sdk/types.js";
import { Client as ClientV2, StreamableHTTPClientTransport as HttpV2 } from "@modelcontextprotocol/client";
import { StdioClientTransport as StdioV2 } from "@modelcontextprotocol/client/stdio";
import { World, sleep, valueOf } from "./lib/world.mjs";

const info = { name: "scenario", version: "1" };
const capabilities = { elicitation: { form: {}, url: {} } };
const COMPLETE = "notifications/elicitation/complete";

const kinds = [
  {
    name: "SDK v1",
    make: () => new ClientV1(info, { capabilities }),
    onAsk: (client, fn) => client.setRequestHandler(ElicitRequestSchema, fn),
    onDone: (client, fn) => client.setNotificationHandler(ElicitationCompleteNotificationSchema, fn),
    http: HttpV1,
    stdio: StdioV1,
  },
  {
    name: "SDK v2",
    make: () => new ClientV2(info, { versionNegotiation: { mode: "legacy" }, capabilities }),
    onAsk: (client, fn) => client.setRequestHandler("elicitation/create", fn),
    onDone: (client, fn) => client.setNotificationHandler(COMPLETE, fn),
    http: HttpV2,
    stdio: StdioV2,
  },
];

// A client that accepts every URL, the ids that it was given, and those that it was told are done.
async function visiting(kind, transport) {
  const client = kind.make();
  const visitor = { client, action: "accept", given: [], done: [], wake: () => {} };
  kind.onAsk(client, ({ params }) => {
    visitor.given.push(params.elicitationId);
    return { action: visitor.action };
  });
  kind.onDone(client, ({ params }) => {
    visitor.done.push(params.elicitationId);
    visitor.wake();
  });
  await client.connect(transport);
  await transport.listening;
  return visitor;
}

// The clients open the stream of their session behind connect(); what comes before it is for nobody.
function overHttp(kind, url) {
  let listens;
  const listening = new Promise((resolve) => (listens = resolve));
  const transport = new kind.http(url, {
    fetch: async (input, init) => {
      const response = await fetch(input, init);
      if ((init?.method ?? "GET") === "GET") listens();
      return response;
    },
  });
  return Object.assign(transport, { listening });
}

// Until so many are done.
async function hears(visitor, count) {
  const end = Date.now() + 30_000;
  while (visitor.done.length < count) {
    assert.ok(Date.now() < end, `heard only of ${visitor.done} of ${visitor.given}`);
    await Promise.race([new Promise((resolve) => (visitor.wake = resolve)), sleep(200)]);
  }
  return visitor.done;
}

const question = (elicitationId) => ({ method: "elicitation/create", params: { mode: "url", message: "Sign in", url: "https://example.com/sign-in", elicitationId } });
const run = async ({ client }, code) => valueOf(await client.callTool({ name: "execute_code", arguments: { code } }, undefined, { timeout: 60_000 }));
const ask = (visitor, id, server = "asking") => run(visitor, `return await ${server}.ask(${JSON.stringify(question(id))})`);
const complete = (visitor, ids, server = "asking") => run(visitor, `await ${server}.complete({ ids: ${JSON.stringify(ids)} }); return true`);

for (const kind of kinds) {
  for (const way of ["HTTP", "stdio"]) {
    describe(`${kind.name} over ${way}`, () => {
      let world, program, visitor;
      const connect = () => visiting(kind, way === "HTTP" ? overHttp(kind, program.url) : new kind.stdio({ ...world.stdio(), stderr: "ignore" }));
      before(async () => {
        world = new World();
        world.servers = { asking: world.fixture("asking.mjs"), others: world.fixture("asking.mjs"), isolated: { ...world.fixture("asking.mjs"), isolation: "session" } };
        program = way === "HTTP" ? await world.serve() : undefined;
        visitor = await connect();
      });
      after(async () => {
        await visitor?.client.close();
        await world.close();
      });

      // What one test begins with.
      const fresh = () => {
        visitor.given.length = visitor.done.length = 0;
        return visitor;
      };

      test("hears while the call goes on", async () => {
        const { given } = fresh();
        const held = run(visitor, `
          await asking.ask(${JSON.stringify(question("during"))});
          await asking.complete({ ids: ["during"] });
          await asking.hold({ name: "during" });
          return true`);
        assert.deepEqual(await hears(visitor, 1), given);
        assert.match(given[0], /^question-\d+$/);
        await run(visitor, `await asking.release({ name: "during" }); return true`);
        assert.equal(await held, true);
      });

      test("hears when the call has ended, once", async () => {
        const { given } = fresh();
        assert.equal((await ask(visitor, "late")).result.action, "accept");
        await ask(visitor, "later");
        await complete(visitor, ["late", "late", "never", 7, null, "later"]);
        assert.deepEqual(await hears(visitor, 2), given);
      });

      test("hears of URLs of the error -32042", async () => {
        const { given } = fresh();
        assert.deepEqual(await run(visitor, `return [await asking.url({ completes: true })]`), ["visited 2"]);
        assert.deepEqual(await hears(visitor, 1), given);
      });

      test("hears of a server with connections for sessions, and of no other server", async () => {
        const { given } = fresh();
        await ask(visitor, "mine", "isolated");
        await ask(visitor, "end", "asking");
        await complete(visitor, ["mine"], "asking");
        await complete(visitor, ["mine"], "others");
        await complete(visitor, ["end"], "asking");
        await hears(visitor, 1);
        await complete(visitor, ["mine"], "isolated");
        assert.deepEqual(await hears(visitor, 2), given.toReversed());
      });
    });
  }

  test(`${kind.name}: of two clients the other hears nothing`, async () => {
    const world = new World();
    world.servers = { shared: world.fixture("asking.mjs"), isolated: { ...world.fixture("asking.mjs"), isolation: "session" } };
    const program = await world.serve();
    const [one, other] = await Promise.all([0, 1].map(() => visiting(kind, overHttp(kind, program.url))));
    for (const server of ["shared", "isolated"]) {
      await ask(one, "hers", server);
      await ask(other, "his", server);
      // Who says so does not matter over a connection of all.
      await complete(other, ["hers", "his"], server);
      await hears(other, server === "shared" ? 1 : 2);
      if (server === "shared") await hears(one, 1);
    }
    await complete(one, ["his", "hers"], "isolated");
    assert.deepEqual(await hears(one, 2), one.given);
    assert.deepEqual(await hears(other, 2), other.given);
    assert.equal(new Set([...one.given, ...other.given]).size, 4);

    // An id that both were given is nobody's.
    for (const each of [one, other]) await ask(each, "same", "shared");
    for (const each of [one, other]) await ask(each, `end ${each.given[0]}`, "shared");
    await complete(one, ["same", `end ${one.given[0]}`, `end ${other.given[0]}`], "shared");
    for (const each of [one, other]) assert.deepEqual(await hears(each, 3), each.given.filter((_, n) => n !== 2));
    for (const { client } of [one, other]) await client.close();
    await world.close();
  });

  test(`${kind.name}: who has declined hears nothing`, async () => {
    const world = new World();
    world.servers = { asking: world.fixture("asking.mjs") };
    const program = await world.serve();
    const declining = await visiting(kind, overHttp(kind, program.url));
    const accepting = await visiting(kind, overHttp(kind, program.url));
    declining.action = "decline";
    await ask(declining, "same");
    await ask(accepting, "same");
    declining.action = "accept";
    await ask(declining, "end");
    await complete(accepting, ["same", "end"]);
    assert.deepEqual(await hears(accepting, 1), accepting.given);
    assert.deepEqual(await hears(declining, 1), declining.given.slice(1));
    for (const { client } of [declining, accepting]) await client.close();
    await world.close();
  });

  test(`${kind.name}: behind a mirror`, async () => {
    const world = new World();
    const program = await world.serve({ mode: "passthrough", servers: { asking: world.fixture("asking.mjs") } });
    const visitor = await visiting(kind, overHttp(kind, program.url));
    const call = (name, args) => visitor.client.callTool({ name, arguments: args }, undefined, { timeout: 60_000 });
    await call("ask", question("mirrored"));
    await call("complete", { ids: ["never", "mirrored"] });
    assert.deepEqual(await hears(visitor, 1), visitor.given);
    assert.match((await call("url", { completes: true })).content[0].text, /visited/);
    assert.deepEqual(await hears(visitor, 2), visitor.given);
    await visitor.client.close();
    await world.close();
  });
}

test("a modern client hears nothing, since its revision has no such message", async () => {
  const world = new World();
  world.servers = { asking: world.fixture("asking.mjs") };
  const program = world.startStdio();
  const _meta = { "io.modelcontextprotocol/protocolVersion": "2026-07-28", "io.modelcontextprotocol/clientCapabilities": capabilities };
  let id = 0;
  const call = async (code, retry) => {
    program.send({ id: ++id, method: "tools/call", params: { name: "execute_code", arguments: { code }, ...retry, _meta } });
    return (await program.answer(id)).result;
  };
  const code = `const { result } = await asking.ask(${JSON.stringify(question("modern"))}); await asking.complete({ ids: ["modern"] }); return [result.action]`;
  const { inputRequests, requestState } = await call(code);
  const [key] = Object.keys(inputRequests);
  assert.equal(inputRequests[key].params.elicitationId, undefined);
  assert.deepEqual(valueOf(await call(code, { requestState, inputResponses: { [key]: { action: "accept" } } })), ["accept"]);
  await call(`await asking.complete({ ids: ["modern"] })`);
  assert.deepEqual(program.lines.filter((line) => line.includes(COMPLETE)), []);
  await world.close();
});
