// Servers that are slow, dead or broken: they delay and break nothing else, and
// are named with the reason; those that come later are told.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { settles } from "./lib/processes.mjs";
import { Scripts, connect } from "./lib/scripts.mjs";
import { World } from "./lib/world.mjs";

describe("servers that are down", () => {
  let world, program, scripts, odd;
  before(async () => {
    world = new World();
    odd = await world.serveFixture("faulty_http.mjs");
    world.servers = {
      good: world.fixture("faulty.mjs"),
      dead: world.fixture("faulty.mjs", "exits"),
      refusing: world.fixture("faulty.mjs", "refuses"),
      silent: { command: ["sleep", "1000"] },
      absent: { command: ["/no/such/program"] },
      closed: { url: "http://127.0.0.1:9/mcp" },
      page: { url: `http://127.0.0.1:${odd}/page` },
      locked: { url: `http://127.0.0.1:${odd}/401` },
    };
    program = await world.serve({ startup_timeout: "3s", limits: { call: "2s" } });
    // A machine that is slow may need more than that; the one that is silent alone shall be waited for.
    await program.event("connected", { server: "good" });
    for (const server of ["dead", "refusing", "absent", "closed", "page", "locked"]) await program.event("not_connected", { server });
    scripts = new Scripts(await connect(program));
  });
  after(async () => {
    await scripts?.client.close();
    await world.close();
  });

  test("the first list comes with what is there, and says what is down and why", async () => {
    const { tools: [{ description }] } = await scripts.client.listTools();
    const line = (server) => new RegExp(`^- ${server}: .*$`, "m").exec(description)?.[0];
    assert.match(line("good"), /12 tools/);
    assert.match(line("dead"), /status 7/);
    assert.match(line("refusing"), /licence expired/);
    assert.match(line("absent"), /\/no\/such\/program/);
    assert.match(line("closed"), /connect/);
    assert.match(line("silent"), /0 tools; still connecting/);
    assert.match(line("page"), /0 tools; down: ./);
    assert.match(line("locked"), /401/);
  });

  test("scripts run, and learn which servers are down", async () => {
    assert.equal(await scripts.text(`return good.echo({ text: "fine" })`), "fine");
    const servers = await scripts.value("return Object.fromEntries((await mcp.servers()).map(({ name, state, problem }) => [name, [state, problem]]))");
    assert.deepEqual(servers.good, ["ready", null]);
    assert.equal(servers.silent[0], "connecting");
    assert.match(servers.dead.join(), /^down,.*status 7/);
    assert.match(servers.locked.join(), /^down,.*401/);
    for (const server of ["refusing", "absent", "closed", "page"]) assert.match(servers[server].join(), /^down,./);
  });

  for (const server of ["dead", "silent", "closed", "page"]) {
    test(`a call to "${server}" fails in bounded time and says that nothing was sent`, async () => {
      const started = performance.now();
      const text = await scripts.failure("ServerUnavailable", `return mcp.call(input, "echo", {})`, server);
      assert.match(text, new RegExp(`${server}[^]*Nothing was sent to the server`));
      assert.ok(performance.now() - started < 20_000);
    });
  }

  test("a server that comes later is listed, and those who listen are told", async () => {
    let told = 0;
    const ready = await world.serveFixture("modern.mjs"); // a port that was free
    const first = world.children.at(-1);
    await first.stop();
    world.servers = { good: world.fixture("faulty.mjs"), late: { url: `http://127.0.0.1:${ready}/mcp` } };
    const other = await world.serve({ startup_timeout: "2s" });
    await other.event("connected", { server: "good" });
    const listening = await connect(other, undefined, { listChanged: { tools: { autoRefresh: false, onChanged: () => told++ } } });
    const late = new Scripts(listening);
    assert.doesNotMatch((await listening.listTools()).tools[0].description, /late: 5 tools/);
    await world.serveFixture("modern.mjs", String(ready));
    await settles("notifications", () => told, (count) => count > 0);
    assert.match((await listening.listTools()).tools[0].description, /late: 5 tools/);
    assert.equal(await late.text(`return late.echo({ text: "at last" })`), "at last");

    // And it goes away and comes back while it is used.
    const from = other.log.length;
    await world.children.at(-1).stop();
    await late.failure("ServerUnavailable", `return late.echo({ text: "nobody" })`);
    await world.serveFixture("modern.mjs", String(ready));
    const answer = async () => (await late.run(`return late.echo({ text: "back" })`)).content[0].text;
    await settles("the answer", answer, (text) => text === "back");
    assert.equal(await late.text(`return good.echo({ text: "untouched" })`), "untouched");
    assert.ok(!other.log.slice(from).some(({ event, server }) => event === "connected" && server === "good"));
    await listening.close();
  });
});
