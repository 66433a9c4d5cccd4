// The HTTP endpoint of the real program, by plain requests.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import http from "node:http";
import { after, before, describe, test } from "node:test";
import { exchange } from "./lib/tap.mjs";
import { settles } from "./lib/processes.mjs";
import { Program, World, binary, sleep } from "./lib/world.mjs";

const MODERN = "2026-07-28";
const META = { "io.modelcontextprotocol/protocolVersion": MODERN, "io.modelcontextprotocol/clientCapabilities": {} };

describe("the HTTP endpoint", () => {
  let world, program;
  before(async () => {
    world = new World();
    world.servers = { everything: world.servers.everything };
    program = await world.serve();
  });
  after(() => world.close());

  // One request; resolves to status, headers and text.
  function request(method, path, headers = {}, body = undefined) {
    return new Promise((resolve, reject) => {
      const sent = http.request({ port: program.port, host: "127.0.0.1", method, path, headers }, (answer) => {
        let text = "";
        const talk = exchange(new Headers(headers), body).answer(new Headers(answer.headers));
        answer.setEncoding("utf8");
        answer.on("data", (chunk) => {
          text += chunk;
          talk.feed(chunk);
        });
        answer.on("end", () => {
          talk.end();
          resolve({ status: answer.statusCode, headers: answer.headers, text });
        });
      });
      sent.on("error", reject);
      sent.end(body);
    });
  }

  function post(body, headers = {}) {
    const all = { "content-type": "application/json", accept: "application/json, text/event-stream", ...headers };
    return request("POST", "/mcp", all, typeof body === "string" ? body : JSON.stringify(body));
  }

  function postModern(method, params = {}, headers = {}) {
    const name = params.name ? { "mcp-name": params.name } : {};
    const mirrored = { "mcp-protocol-version": MODERN, "mcp-method": method, ...name, ...headers };
    return post({ jsonrpc: "2.0", id: 1, method, params: { ...params, _meta: META } }, mirrored);
  }

  const run = (code, headers) => postModern("tools/call", { name: "execute_code", arguments: { code } }, headers);

  test("says how it is", async () => {
    assert.equal((await request("GET", "/healthz")).status, 200);
    const ready = async () => {
      const { status, text } = await request("GET", "/readyz");
      assert.ok(status === 200 || (status === 503 && text.length > 3));
      return status;
    };
    await settles("readiness", ready, (status) => status === 200);
  });

  test("takes bodies by length, in chunks, and after 100-continue", async () => {
    const chunked = await run("return 'chunked'", { "transfer-encoding": "chunked" });
    assert.match(chunked.text, /"text":"chunked"/);
    const asked = await run("return 'asked'", { expect: "100-continue" });
    assert.match(asked.text, /"text":"asked"/);
  });

  test("refuses what it must", async () => {
    assert.equal((await request("PUT", "/mcp")).status, 405);
    assert.equal((await request("GET", "/mcp", { accept: "text/event-stream" })).status, 405);
    assert.equal((await request("GET", "/elsewhere")).status, 404);
    assert.equal((await post("{}", { "content-type": "text/plain" })).status, 415);
    assert.equal((await post("{}", { accept: "text/html" })).status, 406);
    assert.equal((await post(`"${"x".repeat(4 * 1024 * 1024)}"`)).status, 413);
    assert.equal((await post("{")).status, 400);
    assert.equal((await post({}, { host: "evil.example", origin: "http://evil.example" })).status, 403);
    assert.equal((await postModern("no/such")).status, 404);
    assert.equal((await postModern("tools/list", {}, { "mcp-method": "tools/call" })).status, 400);
    assert.equal((await post({ jsonrpc: "2.0", id: 1, method: "tools/list" }, { "mcp-session-id": "0".repeat(32) })).status, 404);
  });

  test("takes a request of its own host and origin", async () => {
    const own = `localhost:${program.port}`;
    const { status } = await postModern("server/discover", {}, { host: own, origin: `http://${own}` });
    assert.equal(status, 200);
  });

  test("a mistake of the model is a result, not an error", async () => {
    for (const code of ["return 5 +", "return nothing_like_this", "throw new Error('mine')", "return await everything.no_such({})"]) {
      const { status, text } = await run(code);
      assert.equal(status, 200);
      assert.equal(JSON.parse(text).result.isError, true, text);
    }
  });

  test("a client that goes away ends its script, and nobody else's", async () => {
    const gone = new AbortController();
    const left = fetch(program.url, {
      method: "POST",
      signal: gone.signal,
      headers: { "content-type": "application/json", accept: "application/json, text/event-stream", "mcp-protocol-version": MODERN, "mcp-method": "tools/call", "mcp-name": "execute_code" },
      body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/call", params: { name: "execute_code", arguments: { code: "for (;;) {}" }, _meta: META } }),
    });
    const other = run("await new Promise((resolve) => setTimeout(resolve, 800)); return 'other'");
    await sleep(400);
    gone.abort();
    await assert.rejects(left);
    await program.event("done", { outcome: "Cancelled" });
    assert.match((await other).text, /"text":"other"/);
  });

  test("a second server on its port says why it can't", async () => {
    const config = world.config({ listen: `127.0.0.1:${program.port}` });
    const second = new Program(spawn(binary, ["serve", "-c", config], { stdio: ["ignore", "ignore", "pipe"] }));
    assert.equal((await second.ended).code, 1);
    assert.match(JSON.stringify(second.log), /another program has this port/);
  });

  test("without a token it listens on loopback only, with one it asks for it", async () => {
    const open = new Program(spawn(binary, ["serve", "-c", world.config({ listen: "0.0.0.0:0" })], { stdio: ["ignore", "ignore", "pipe"] }));
    assert.equal((await open.ended).code, 1);
    assert.match(JSON.stringify(open.log), /token/);
    const guarded = await world.serve({ auth: { tokens: ["secret-token"] } });
    const ask = (headers) => fetch(guarded.url, { method: "POST", body: "{}", headers: { "content-type": "application/json", ...headers } });
    const refused = await ask({});
    assert.equal(refused.status, 401);
    assert.match(refused.headers.get("www-authenticate"), /^Bearer/);
    assert.equal((await ask({ authorization: "Bearer wrong" })).status, 401);
    assert.equal((await ask({ authorization: "Bearer secret-token" })).status, 400);
  });
});
