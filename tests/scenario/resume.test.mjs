// Connections that break under official clients, which come back for the rest.
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import net from "node:net";
import { after, before, describe, test } from "node:test";
import { Client as ClientV1 } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport as HttpV1 } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { Client as ClientV2, StreamableHTTPClientTransport as HttpV2 } from "@modelcontextprotocol/client";
import { tapPort } from "./lib/tap.mjs";
import { World, sleep, valueOf } from "./lib/world.mjs";

const info = { name: "scenario", version: "1" };
const call = (code) => ({ name: "execute_code", arguments: { code } });

// Passes bytes on to a port, until it cuts the streams that are open.
class Cutter {
  constructor(port) {
    this.connections = new Set();
    this.seen = "";
    this.server = net.createServer((near) => this.connect(near, net.connect(port, "127.0.0.1")));
  }

  async listen() {
    await new Promise((resolve) => this.server.listen(0, "127.0.0.1", resolve));
    const { port } = this.server.address();
    tapPort(port);
    this.url = new URL(`http://127.0.0.1:${port}/mcp`);
    return this;
  }

  connect(near, far) {
    const connection = { ends: [near, far], answer: "" };
    this.connections.add(connection);
    near.pipe(far);
    far.pipe(near);
    far.on("data", (data) => {
      this.seen += data;
      connection.answer = /^HTTP/.test(data) ? String(data) : connection.answer + data;
    });
    for (const end of connection.ends) {
      end.on("error", () => {}); // it was cut
      end.on("close", () => this.drop(connection));
    }
  }

  drop(connection) {
    for (const end of connection.ends) end.destroy();
    this.connections.delete(connection);
  }

  // Between requests a connection is left alone: what a client then sends would be lost.
  cut() {
    const isOpenStream = ({ answer }) => answer.includes("text/event-stream") && !answer.endsWith("0\r\n\r\n");
    for (const connection of [...this.connections].filter(isOpenStream)) this.drop(connection);
  }

  close() {
    for (const connection of [...this.connections]) this.drop(connection);
    this.server.close();
  }
}

// Waits until `test` holds.
async function until(test, what) {
  for (let tries = 0; tries < 400; tries++) {
    if (test()) return;
    await sleep(25);
  }
  assert.fail(`never: ${what}`);
}

const clients = [
  { name: "SDK v1", make: () => new ClientV1(info), Transport: HttpV1, legacyCall: (client, params, options) => client.callTool(params, undefined, options) },
  {
    name: "SDK v2 legacy",
    make: () => new ClientV2(info, { versionNegotiation: { mode: "legacy" } }),
    Transport: HttpV2,
    legacyCall: (client, params, options) => client.callTool(params, options),
  },
];

describe("a connection that breaks", () => {
  let world, program, cutter;
  before(async () => {
    world = new World();
    world.servers = { modern: world.fixture("modern.mjs") };
    program = await world.serve();
    cutter = await new Cutter(program.port).listen();
  });
  after(() => {
    cutter.close();
    return world.close();
  });

  async function using({ make, Transport }, work, through = cutter) {
    const client = make();
    through.seen = "";
    await client.connect(new Transport(through.url));
    try {
      await work(client);
    } finally {
      await client.close();
    }
  }

  for (const way of clients) {
    test(`in the middle of progress, under ${way.name}`, () =>
      using(way, async (client) => {
        const values = [];
        const onprogress = ({ progress }) => {
          values.push(progress);
          if (progress === 2) cutter.cut();
        };
        const code = `for (let i = 1; i <= 6; i++) { mcp.progress(i, 6); await new Promise((r) => setTimeout(r, 150)); } return "told";`;
        const result = await way.legacyCall(client, call(code), { onprogress });
        assert.match(result.content[0].text, /^told/);
        assert.deepEqual(values, [1, 2, 3, 4, 5, 6]);
      }));

    test(`in the middle of a long silence, under ${way.name}`, () =>
      using(way, async (client) => {
        const before = program.log.length;
        const running = way.legacyCall(client, call(`await new Promise((r) => setTimeout(r, 2500)); return 7`));
        await until(() => cutter.seen.includes("id: 2-0"), "a stream that can be resumed, the second after that of the session");
        cutter.cut();
        assert.equal(valueOf(await running), 7);
        await program.event("done", { outcome: "ok" }, before);
      }));

    test(`of the session's stream, under ${way.name}`, async (context) => {
      const own = await new Cutter((await world.serve()).port).listen(); // its catalogue grows once
      context.after(() => own.close());
      await using(way, async (client) => {
        let told;
        const changed = new Promise((resolve) => (told = resolve));
        if (client instanceof ClientV1) client.fallbackNotificationHandler = async ({ method }) => told(method);
        else client.setNotificationHandler("notifications/tools/list_changed", () => told("notifications/tools/list_changed"));
        await client.listTools();
        await until(() => own.seen.includes("id: 1-0"), "the stream");
        own.cut();
        assert.equal(valueOf(await way.legacyCall(client, call("return JSON.stringify(await modern.grow({}))"))), "grown");
        assert.equal(await Promise.race([changed, sleep(15_000)]), "notifications/tools/list_changed");
      }, own);
    });
  }

  test("leaves nothing of sessions that have ended", async () => {
    const descriptors = () => readdirSync(`/proc/${program.child.pid}/fd`).length;
    const initialize = { jsonrpc: "2.0", id: 0, method: "initialize", params: { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: info } };
    const headers = { "content-type": "application/json", accept: "application/json, text/event-stream" };
    const openOne = async () => {
      const answer = await fetch(program.url, { method: "POST", headers, body: JSON.stringify(initialize) });
      await answer.text();
      const session = { "mcp-session-id": answer.headers.get("mcp-session-id"), "mcp-protocol-version": "2025-11-25", accept: "text/event-stream" };
      return { session, stream: await fetch(program.url, { headers: session }) };
    };
    const before = descriptors();
    const open = await Promise.all(Array.from({ length: 100 }, openOne));
    assert.ok(descriptors() >= before + 100);
    for (const { session, stream } of open) {
      const { status } = await fetch(program.url, { method: "DELETE", headers: session });
      assert.equal(status, 200);
      assert.match(await stream.text(), /^retry: 1000\nid: 1-0\ndata: \n\n/);
      assert.equal((await fetch(program.url, { headers: session })).status, 404);
    }
    // Connections of fetch that are kept for a next request end by themselves.
    await until(() => descriptors() <= before + 20, "descriptors given back");
  });
});
