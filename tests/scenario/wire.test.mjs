// The check of messages itself: it sees what is wrong, and it sees all.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { checkRecords, conversations } from "./lib/tap.mjs";
import { Conversation, Events, revisions } from "./lib/wire.mjs";
import { World, valueOf } from "./lib/world.mjs";

const MODERN = "2026-07-28";
const META = { "io.modelcontextprotocol/protocolVersion": MODERN, "io.modelcontextprotocol/clientCapabilities": {} };
const jsonrpc = "2.0";
const answer = (id, result) => ({ jsonrpc, id, result });

function begun(revision) {
  const talk = new Conversation("server", new Set());
  talk.fromPeer({ jsonrpc, id: 0, method: "initialize", params: { protocolVersion: revision, capabilities: {}, clientInfo: { name: "t", version: "1" } } });
  talk.fromProgram(answer(0, { protocolVersion: revision, capabilities: {}, serverInfo: { name: "s", version: "1" } }));
  return talk;
}

describe("the check of messages", () => {
  for (const revision of revisions.filter((name) => name < MODERN)) {
    test(`knows ${revision}`, () => {
      const talk = begun(revision);
      talk.fromPeer({ jsonrpc, id: 1, method: "tools/call", params: { name: "x" } });
      talk.fromProgram({ jsonrpc, method: "notifications/progress", params: { progressToken: 1, progress: 1 } });
      talk.fromProgram(answer(1, { content: [{ type: "text", text: "x" }] }));
      assert.deepEqual([...talk.faults], []);
      const faults = () => talk.faults.size;
      talk.fromProgram(answer(1, { content: [{ type: "text" }] }));
      assert.equal(faults(), 1, "a block without its text");
      talk.fromProgram({ jsonrpc, method: "notifications/progress", params: { progress: 1 } });
      assert.equal(faults(), 2, "progress without a token");
      talk.fromProgram({ jsonrpc, method: "notifications/made/up" });
      assert.equal(faults(), 3, "an unknown notification");
      talk.fromProgram(answer(77, {}));
      assert.equal(faults(), 4, "an answer to nothing");
    });
  }

  test(`knows ${MODERN}`, () => {
    const talk = new Conversation("server", new Set());
    talk.fromPeer({ jsonrpc, id: 1, method: "tools/list", params: { _meta: META } });
    talk.fromProgram(answer(1, { resultType: "complete", tools: [], ttlMs: 0, cacheScope: "public" }));
    assert.deepEqual([...talk.faults], []);
    talk.fromProgram(answer(1, { tools: [], ttlMs: 0, cacheScope: "public" }));
    assert.equal(talk.faults.size, 1, "no resultType");
    talk.fromProgram(answer(1, { resultType: "complete", tools: [] }));
    assert.equal(talk.faults.size, 2, "no ttlMs, no cacheScope");
    talk.fromProgram({ jsonrpc, id: 5, method: "ping", params: { _meta: META } });
    assert.equal(talk.faults.size, 3, "a request of a server");
  });

  test("knows what a client answers, and what it is asked in batches", () => {
    const talk = new Conversation("client", new Set());
    const initialize = { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "t", version: "1" } };
    talk.fromProgram({ jsonrpc, id: 0, method: "initialize", params: initialize });
    talk.fromPeer(answer(0, { protocolVersion: "2025-11-25", capabilities: {}, serverInfo: { name: "s", version: "1" } }));
    const questions = ["ping", "roots/list", "sampling/createMessage", "elicitation/create"];
    talk.fromPeer(questions.map((method, id) => ({ jsonrpc, id, method, params: {} })));
    const said = { type: "text", text: "said" };
    const right = [{}, { roots: [{ uri: "file:///a" }] }, { role: "assistant", model: "m", content: said }, { action: "decline" }];
    talk.fromProgram(right.map((result, id) => answer(id, result)));
    assert.deepEqual([...talk.faults], []);
    const wrong = [undefined, { roots: [{ name: "a" }] }, { role: "assistant", content: said }, { action: "perhaps" }];
    for (const [id, result] of wrong.entries()) {
      if (result) talk.fromProgram(answer(id, result));
      assert.equal(talk.faults.size, id, questions[id]);
    }
    talk.fromProgram([{ jsonrpc, method: "notifications/cancelled", params: { requestId: 1 } }, { jsonrpc, method: "notifications/made/up" }]);
    assert.equal(talk.faults.size, 4, "an unknown notification in a batch");
  });

  test("knows what a server asks", () => {
    const legacy = begun("2025-11-25");
    legacy.fromProgram({ jsonrpc, id: 1, method: "elicitation/create", params: { message: "m", requestedSchema: { type: "object", properties: {} } } });
    assert.deepEqual([...legacy.faults], []);
    legacy.fromProgram({ jsonrpc, id: 2, method: "elicitation/create", params: {} });
    assert.equal(legacy.faults.size, 1, "a question without its text");
    const modern = new Conversation("server", new Set());
    modern.fromPeer({ jsonrpc, id: 1, method: "tools/call", params: { name: "x", _meta: META } });
    const roots = { method: "roots/list" };
    modern.fromProgram(answer(1, { resultType: "input_required", inputRequests: { a: roots }, requestState: "s" }));
    assert.deepEqual([...modern.faults], []);
    modern.fromProgram(answer(1, { resultType: "input_required", inputRequests: { a: { method: "no/such" } } }));
    assert.equal(modern.faults.size, 1, "a question of no known kind");
  });

  test("reads events in any portions", () => {
    const seen = [];
    const events = new Events((message) => seen.push(message));
    for (const character of ': comment\n\nretry: 1\nid: 1-0\ndata: \n\nid: 1-1\nevent: message\ndata: {"a":1}\n\n') events.feed(character);
    assert.deepEqual(seen, [{ a: 1 }]);
  });

  test("sees all that passes, to clients and to servers, over HTTP and stdio", async (context) => {
    const world = new World();
    context.after(() => world.close());
    const port = await world.serveFixture("modern.mjs");
    world.servers = { everything: world.servers.everything, distant: { url: `http://127.0.0.1:${port}/mcp` } };
    const program = await world.serve();
    for (const transport of [new StreamableHTTPClientTransport(program.url), new StdioClientTransport({ ...world.stdio(), stderr: "ignore" })]) {
      const seen = conversations.length;
      const client = new Client({ name: "scenario", version: "1" });
      await client.connect(transport);
      assert.equal(valueOf(await client.callTool({ name: "execute_code", arguments: { code: "return (await everything.get_sum({ a: 1, b: 2 })).length" } })), 24);
      await client.close();
      const checked = conversations.slice(seen).reduce((sum, { checked }) => sum + checked, 0);
      assert.ok(checked >= 2, `${checked} messages to the client`);
    }
    const seen = conversations.length;
    checkRecords(world.folder);
    const toServers = conversations.slice(seen).map(({ role, checked }) => `${role} ${checked > 2}`);
    assert.deepEqual(toServers, ["client true", "client true", "client true"], "two children and one HTTP server");
  });
});
