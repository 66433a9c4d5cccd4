// Servers with a state in each connection, and `isolation: session`: what a
// client asks goes over its own connection, what is told there comes to it, and
// the lists of all are those of the shared connection.
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { MODERN, Scripts, connect } from "./lib/scripts.mjs";
import { settles } from "./lib/processes.mjs";
import { World } from "./lib/world.mjs";

const WATCHED = "mcpfold://servers/own/test://where";
const LISTS = ["tools", "prompts", "resources"];
const kinds = [...LISTS.map((list) => `notifications/${list}/list_changed`), "notifications/resources/updated"];
const textOf = ({ content }) => content.map(({ text }) => text).join("");

// A client, its scripts, and what it is told.
async function connectHearing(program, mode) {
  const client = await connect(program, mode);
  const heard = [];
  for (const kind of kinds) client.setNotificationHandler(kind, ({ method, params }) => void heard.push(params?.uri ? `${method} ${params.uri}` : method));
  const call = (tool, args = {}) => new Scripts(client).value(`return mcp.call("own", ${JSON.stringify(tool)}, ${JSON.stringify(args)})`).then(textOf);
  return { client, heard, call };
}

// A legacy session, and modern requests: two clients as far as servers are concerned.
describe("a server with isolation: session", () => {
  let world, program, legacy, modern, listening;
  before(async () => {
    world = new World();
    program = await world.serve({ servers: { own: { ...world.fixture("stateful.mjs", join(world.folder, "listed")), isolation: "session" } } });
    [legacy, modern] = await Promise.all([connectHearing(program, "legacy"), connectHearing(program, MODERN)]);
    for (const { client } of [legacy, modern]) await Promise.all([client.listTools(), client.listPrompts(), client.listResources()]);
    listening = await modern.client.listen({ toolsListChanged: true, promptsListChanged: true, resourcesListChanged: true, resourceSubscriptions: [WATCHED] });
    await legacy.client.subscribeResource({ uri: WATCHED });
  });
  after(async () => {
    await listening?.close();
    for (const each of [legacy, modern]) await each?.client.close();
    await world.close();
  });

  test("prompts, resources and completions come over the client's own connection", async () => {
    const pids = [];
    for (const { client, call } of [legacy, modern]) {
      const pid = await call("pid");
      pids.push(pid);
      const { messages } = await client.getPrompt({ name: "own.where" });
      const { contents } = await client.readResource({ uri: WATCHED });
      const { completion } = await client.complete({ ref: { type: "ref/prompt", name: "own.where" }, argument: { name: "what", value: "" } });
      const inScript = await new Scripts(client).value(`return [(await mcp.resources.read("own", "test://where")), (await mcp.prompts.get("own", "where", {}))]`);
      assert.deepEqual([messages[0].content.text, contents[0].text, ...completion.values], [pid, pid, pid]);
      assert.equal(JSON.stringify(inScript).split(pid).length, 3, JSON.stringify(inScript));
    }
    assert.notEqual(pids[0], pids[1]);
  });

  // Of a part of what is watched, so that each can be told from the other.
  async function touch({ call, heard }, part) {
    const before = heard.length;
    await call("touch", { uri: `test://where/${part}` });
    await settles(`an update of ${part}`, () => heard.length, (count) => count > before);
  }
  const updated = (part) => `${kinds[3]} ${WATCHED}/${part}`;

  test("a change of a resource comes to the client on whose connection it is told", async () => {
    for (const { call } of [legacy, modern]) assert.deepEqual(JSON.parse(await call("subscribed")), ["test://where"]);
    await touch(legacy, "a");
    await touch(modern, "b");
    await touch(legacy, "c");
    assert.deepEqual([legacy.heard, modern.heard], [[updated("a"), updated("c")], [updated("b")]]);
  });

  // What is told without a change comes first: were it passed on, it would be heard before the rest.
  test("a change of lists that is told on one connection comes to all, when something has changed", async () => {
    for (const [i, list] of LISTS.entries()) {
      legacy.heard.length = modern.heard.length = 0;
      for (const said of LISTS.filter((other) => other !== list)) await legacy.call("say", { list: said });
      await legacy.call("publish", { list, name: `more_${list}` });
      for (const { heard } of [legacy, modern]) await settles(`a change of ${list}`, () => heard.length, (count) => count > 0);
      assert.deepEqual([legacy.heard, modern.heard], [[kinds[i]], [kinds[i]]]);
    }
    const { prompts } = await modern.client.listPrompts();
    assert.deepEqual(prompts.map(({ name }) => name), ["own.where", "own.more_prompts"]);
  });

  test("a tool of one session alone is no function, and the error says why", async () => {
    assert.equal(await legacy.call("login"), "welcome");
    const scripts = new Scripts(legacy.client);
    assert.match(await scripts.failure("TypeCheckError", "return own.secret({})"), /secret[^]*isolation: session/);
    assert.match(await scripts.failure("UnknownTool", `return mcp.call("own", "secret", {})`), /no tool "secret"[^]*isolation: session/);
  });

  test("what is watched outlives the process of a session, and what was missed is told", async () => {
    const pid = await legacy.call("pid");
    legacy.heard.length = modern.heard.length = 0;
    await assert.rejects(legacy.call("die"));
    await settles("an update", () => legacy.heard.length, (count) => count > 0);
    assert.notEqual(await legacy.call("pid"), pid);
    assert.deepEqual(JSON.parse(await legacy.call("subscribed")), ["test://where"]);
    await touch(legacy, "d");
    await touch(modern, "e");
    assert.deepEqual([legacy.heard, modern.heard], [[`${kinds[3]} ${WATCHED}`, updated("d")], [updated("e")]]);
  });

  test("a subscription ends at the server with the client's", async () => {
    await legacy.client.unsubscribeResource({ uri: WATCHED });
    await settles("unsubscribed", () => legacy.call("subscribed"), (subscribed) => subscribed === "[]");
    assert.deepEqual(JSON.parse(await modern.call("subscribed")), ["test://where"]);
  });
});

// The lists of a mirror are its client's own, and so are their changes.
for (const mode of ["legacy", MODERN]) {
  test(`mode: passthrough with isolation: session, ${mode === "legacy" ? "legacy" : "modern"} client`, async () => {
    const world = new World();
    const program = await world.serve({ mode: "passthrough", servers: { own: { ...world.fixture("stateful.mjs"), isolation: "session" } } });
    const [one, other] = await Promise.all([connectHearing(program, mode), connectHearing(program, "legacy")]);
    const names = async ({ client }) => (await client.listTools()).tools.map(({ name }) => name);
    assert.ok(!(await names(one)).includes("secret") && !(await names(other)).includes("secret"));
    const listening = mode === "legacy" ? undefined : await one.client.listen({ toolsListChanged: true });
    await one.client.callTool({ name: "login", arguments: {} });
    await settles("a change of tools", () => one.heard.length, (count) => count > 0);
    assert.ok((await names(one)).includes("secret"));
    assert.ok(!(await names(other)).includes("secret"));
    assert.equal(textOf(await one.client.callTool({ name: "secret", arguments: {} })), "told");
    await other.client.callTool({ name: "say", arguments: { list: "prompts" } });
    await settles("a change of prompts", () => other.heard.length, (count) => count > 0);
    assert.deepEqual([one.heard, other.heard], [[kinds[0]], [kinds[1]]]);
    await listening?.close();
    await Promise.all([one.client.close(), other.client.close()]);
    await world.close();
  });
}
