// What a client hears beside the answer, and how it stops a request.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { World, sleep, valueOf } from "./lib/world.mjs";

const call = (code, more = {}) => ({ name: "execute_code", arguments: { code }, ...more });

// Tells three times, far enough apart that nothing is held back.
const TELLING = `
  for (let i = 1; i <= 3; i++) {
    mcp.progress(i, 3, "step " + i);
    console.warn("line " + i);
    await new Promise((resolve) => setTimeout(resolve, 80));
  }
  return "told";`;

const ways = [];
for (const mode of ["legacy", { pin: "2026-07-28" }]) {
  for (const transport of ["HTTP", "stdio"]) ways.push({ mode, transport, name: `${JSON.stringify(mode)} over ${transport}` });
}

describe("during a request", () => {
  let world, program;
  before(async () => {
    world = new World();
    world.servers = { modern: world.fixture("modern.mjs"), faulty: world.fixture("faulty.mjs") };
    program = await world.serve();
  });
  after(() => world.close());

  // Connects, does the work, and disconnects whatever comes of it.
  async function using({ mode, transport, to = program }, work, options = {}) {
    const client = new Client({ name: "scenario", version: "1" }, { versionNegotiation: { mode }, ...options });
    const end = transport === "HTTP" ? new StreamableHTTPClientTransport(to.url) : new StdioClientTransport({ ...world.stdio(), stderr: "ignore" });
    await client.connect(end);
    try {
      await work(client);
    } finally {
      await client.close();
    }
  }

  for (const way of ways) {
    test(`progress and console lines, ${way.name}`, () =>
      using(way, async (client) => {
        const messages = [];
        client.setNotificationHandler("notifications/message", ({ params }) => void messages.push(params));
        const values = [];
        const _meta = way.mode === "legacy" ? undefined : { "io.modelcontextprotocol/logLevel": "info" };
        const result = await client.callTool(call(TELLING, { _meta }), { onprogress: (progress) => values.push(progress) });
        assert.match(result.content[0].text, /^told/);
        assert.deepEqual(values.map(({ progress, total, message }) => [progress, total, message]), [
          [1, 3, "step 1"],
          [2, 3, "step 2"],
          [3, 3, "step 3"],
        ]);
        assert.deepEqual(messages.map(({ level, data }) => [level, data]), [
          ["warning", "line 1"],
          ["warning", "line 2"],
          ["warning", "line 3"],
        ]);
      }));

    test(`a cancelled script ends, ${way.name}`, () =>
      using(way, async (client) => {
        const before = program.log.length;
        const stop = new AbortController();
        const endless = call("await new Promise(() => setTimeout(() => {}, 50000))");
        assert.equal(valueOf(await client.callTool(call("return 4"))), 4);
        const running = client.callTool(endless, { signal: stop.signal });
        await sleep(300);
        stop.abort();
        await assert.rejects(running, /abort/i);
        const isCancelled = (event) => program.log.indexOf(event) >= before && event.outcome === "Cancelled";
        if (way.transport === "HTTP") await program.find(program.log, isCancelled, "end of the script");
        assert.equal(valueOf(await client.callTool(call("return 5"))), 5);
      }));

    test(`a changed catalogue is told to those who listen, ${way.name}`, async () => {
      let told;
      const changed = new Promise((resolve) => (told = resolve));
      const to = way.transport === "HTTP" ? await world.serve() : undefined;
      const options = { listChanged: { tools: { autoRefresh: false, onChanged: () => told("told") } } };
      await using({ ...way, to }, async (client) => {
        const describe = async () => (await client.listTools()).tools[0].description;
        assert.doesNotMatch(await describe(), /grown\(/);
        assert.equal(valueOf(await client.callTool(call("return JSON.stringify(await modern.grow({}))"))), "grown");
        assert.equal(await Promise.race([changed, sleep(8000)]), "told");
        assert.match(await describe(), /grown\(/);
      }, options);
    });
  }

  test("three requests at once on one connection are all served", () =>
    using({ mode: "legacy", transport: "HTTP" }, async (client) => {
      // Nothing comes of a call before three are open: one after the other they would wait for ever.
      const gather = (n) => call(`return [${n}, await faulty.gather({ count: 3 })]`);
      const results = await Promise.all([1, 2, 3].map((n) => client.callTool(gather(n))));
      assert.deepEqual(results.map(valueOf), [1, 2, 3].map((n) => [n, "3"]));
    }));
});
