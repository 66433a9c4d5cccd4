// Every method in every revision: what is answered is checked against that
// revision's schema as it passes (lib/tap.mjs).
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { conversations } from "./lib/tap.mjs";
import { revisions } from "./lib/wire.mjs";
import { World } from "./lib/world.mjs";

const MODERN = "2026-07-28";

const TELLING = `
  mcp.progress(1, 2, "half");
  console.log("a line");
  mcp.emit({ type: "text", text: "plain" });
  mcp.emit({ type: "image", data: "AAAA", mimeType: "image/png" });
  mcp.emit({ type: "audio", data: "AAAA", mimeType: "audio/wav" });
  mcp.emit({ type: "resource", resource: { uri: "x:y", text: "inside" } });
  mcp.emit({ type: "resource_link", uri: "file:///a", name: "a file" });
  return "told";`;

// What the blocks of TELLING are, when audio and links are known and when not.
const TYPES = ["text", "text", "image", "audio", "resource", "resource_link"];
const known = (revision) => TYPES.map((type) => ((type === "audio" && revision < "2025-03-26") || (type === "resource_link" && revision < "2025-06-18") ? "text" : type));

// The requests of a client, in order; each with the check of its answer.
function requests(revision) {
  const call = (code) => ({ name: "execute_code", arguments: { code }, _meta: { progressToken: "t" } });
  return [
    ["ping", undefined, (result) => assert.deepEqual(result, {})],
    ["logging/setLevel", { level: "debug" }, (result) => assert.deepEqual(result, {})],
    ["tools/list", {}, ({ tools }) => assert.equal(tools[0].name, "execute_code")],
    ["tools/call", call(TELLING), ({ content }) => assert.deepEqual(content.map(({ type }) => type), known(revision))],
    ["tools/call", call("return 'x'.repeat(200_000)"), ({ content }) => assert.equal(content.length, revision < "2025-06-18" ? 1 : 2)],
    ["tools/call", call("throw new Error('mine')"), ({ isError }) => assert.equal(isError, true)],
    ["resources/list", {}, ({ resources }) => assert.deepEqual(resources, [])],
    ["resources/templates/list", {}, ({ resourceTemplates }) => assert.equal(resourceTemplates.length, 1)],
    ["resources/read", { uri: "no:where" }, undefined, -32002],
    ["tools/list", { cursor: "made up" }, undefined, -32602],
    ["no/such", {}, undefined, -32601],
  ];
}

const META = { "io.modelcontextprotocol/protocolVersion": MODERN, "io.modelcontextprotocol/clientCapabilities": {}, "io.modelcontextprotocol/logLevel": "debug" };

function modernRequests() {
  const legacyOnly = ["ping", "logging/setLevel"];
  const some = requests(MODERN).filter(([method]) => !legacyOnly.includes(method));
  const codes = new Map([[-32002, -32602]]);
  return [
    ["server/discover", {}, ({ supportedVersions }) => assert.deepEqual(supportedVersions, [MODERN])],
    ["subscriptions/listen", { notifications: {} }, ({ resultType }) => assert.equal(resultType, "complete")],
    ...some.map(([method, params, check, code]) => [method, params, check, codes.get(code) ?? code]),
    ...legacyOnly.map((method) => [method, {}, undefined, -32601]),
  ].map(([method, params, ...rest]) => [method, { ...params, _meta: { ...META, ...params._meta } }, ...rest]);
}

const initialize = (revision) => ({ protocolVersion: revision, capabilities: {}, clientInfo: { name: "scenario", version: "1" } });

function checkAnswer({ result, error }, check, code) {
  if (code) assert.equal(error.code, code);
  else check(result);
}

describe("every revision", () => {
  let world, program;
  before(async () => {
    world = new World();
    world.servers = {};
    program = await world.serve();
  });
  after(() => world.close());

  // The answer, and what came before it.
  async function post(message, headers) {
    const answer = await fetch(program.url, {
      method: "POST",
      headers: { "content-type": "application/json", accept: "application/json, text/event-stream", ...headers },
      body: JSON.stringify({ jsonrpc: "2.0", ...message }),
    });
    const text = await answer.text();
    const isStream = answer.headers.get("content-type")?.startsWith("text/event-stream");
    const messages = isStream ? [...text.matchAll(/^data: (.+)$/gm)].map(([, data]) => JSON.parse(data)) : text ? [JSON.parse(text)] : [];
    return { answer, messages };
  }

  for (const revision of revisions.filter((name) => name < MODERN)) {
    test(`${revision} over HTTP`, async () => {
      const seen = conversations.length;
      const begun = await post({ id: 0, method: "initialize", params: initialize(revision) });
      assert.equal(begun.messages[0].result.protocolVersion, revision);
      const headers = { "mcp-session-id": begun.answer.headers.get("mcp-session-id"), "mcp-protocol-version": revision };
      assert.equal((await post({ method: "notifications/initialized" }, headers)).answer.status, 202);
      for (const [id, [method, params, check, code]] of requests(revision).entries()) {
        const { messages } = await post({ id: id + 1, method, params }, headers);
        checkAnswer(messages.at(-1), check, code);
      }
      const checked = new Set(conversations.slice(seen));
      assert.equal(checked.size, 1, "one conversation");
      assert.ok([...checked][0].checked >= 14, `${[...checked][0].checked} messages checked`);
    });

    test(`${revision} over stdio`, async () => {
      const child = world.startStdio({ servers: {} });
      child.send({ id: 0, method: "initialize", params: initialize(revision) });
      assert.equal((await child.answer(0)).result.protocolVersion, revision);
      child.send({ method: "notifications/initialized" });
      for (const [id, [method, params, check, code]] of requests(revision).entries()) {
        child.send({ id: id + 1, method, params });
        checkAnswer(await child.answer(id + 1), check, code);
      }
      await child.stop();
    });
  }

  test(`${MODERN} over HTTP`, async () => {
    for (const [id, [method, params, check, code]] of modernRequests().entries()) {
      const name = params.name ?? params.uri;
      const headers = { "mcp-protocol-version": MODERN, "mcp-method": method, ...(name && { "mcp-name": name }) };
      const { messages, answer } = await post({ id, method, params }, headers);
      checkAnswer(messages.at(-1), check, code);
      assert.equal(answer.status, code === -32601 ? 404 : 200);
    }
  });

  test(`${MODERN} over stdio`, async () => {
    const child = world.startStdio({ servers: {} });
    for (const [id, [method, params, check, code]] of modernRequests().entries()) {
      child.send({ id, method, params });
      checkAnswer(await child.answer(id), check, code);
    }
    await child.stop();
  });
});
