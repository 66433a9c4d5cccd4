// What clients of both eras are offered of the servers beside execute_code:
// prompts, resources, completions, subscriptions, chosen tools; and direct mode.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Client as LegacyClient } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport as LegacyTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { MODERN, Scripts, connect } from "./lib/scripts.mjs";
import { settles } from "./lib/processes.mjs";
import { World, sleep } from "./lib/world.mjs";

const WATCHED = "mcpfold://servers/fixture/test://watched-resource";

async function connectLegacy(program, query = "") {
  const client = new LegacyClient({ name: "scenario-v1", version: "1" });
  await client.connect(new LegacyTransport(new URL(program.url + query)));
  return client;
}

const ways = [
  ["SDK v1", (program) => connectLegacy(program)],
  ["SDK v2, legacy", (program) => connect(program, "legacy")],
  ["SDK v2, modern", (program) => connect(program, MODERN)],
];

const textOf = ({ content }) => content.map(({ text }) => text).join("");

describe("servers behind execute_code", () => {
  let world, program;
  before(async () => {
    world = new World();
    const port = await world.serveFixture("conformance.mjs", "dual");
    const servers = { ...world.servers, fixture: { url: `http://127.0.0.1:${port}/mcp` } };
    program = await world.serve({ servers, expose: { tools: ["everything.get-sum", "fixture.test_simple_text", "memory.nothing"] } });
    const client = await connect(program);
    await client.listTools(undefined, { timeout: 90_000 });
    await client.close();
  });
  after(() => world.close());

  async function using(connecting, work) {
    const client = await connecting(program);
    try {
      return await work(client);
    } finally {
      await client.close();
    }
  }

  for (const [name, connecting] of ways) {
    describe(name, () => {
      test("capabilities", () =>
        using(connecting, (client) => {
          const { prompts, resources, completions, tools } = client.getServerCapabilities();
          assert.deepEqual([prompts, resources, completions, tools], [{ listChanged: true }, { subscribe: true, listChanged: true }, {}, { listChanged: true }]);
        }));

      test("prompts", () =>
        using(connecting, async (client) => {
          const { prompts } = await client.listPrompts();
          const args = prompts.find((prompt) => prompt.name === "everything.args-prompt");
          assert.equal(args.title, "Arguments Prompt");
          assert.deepEqual(args.arguments.map(({ name: argument, required }) => [argument, required]), [["city", true], ["state", false]]);
          const { messages } = await client.getPrompt({ name: "everything.args-prompt", arguments: { city: "Rome" } });
          assert.match(messages[0].content.text, /Rome/);
          await assert.rejects(client.getPrompt({ name: "args-prompt" }), /Unknown prompt/);
        }));

      test("what a prompt embeds can be read", () =>
        using(connecting, async (client) => {
          const uri = "test://static-text";
          const { messages } = await client.getPrompt({ name: "fixture.test_prompt_with_embedded_resource", arguments: { resourceUri: uri } });
          assert.equal(messages[0].content.resource.uri, `mcpfold://servers/fixture/${uri}`);
          const { contents } = await client.readResource({ uri: messages[0].content.resource.uri });
          assert.equal(contents[0].text, "This is the content of the static text resource.");
        }));

      test("resources read under the URIs that they are listed with", () =>
        using(connecting, async (client) => {
          const { resources } = await client.listResources();
          const uris = resources.map(({ uri }) => uri);
          assert.ok(uris.includes("mcpfold://servers/fixture/test://static-text"), uris.join(" "));
          assert.equal(new Set(uris).size, uris.length);
          for (const uri of uris.slice(0, 6)) {
            const { contents } = await client.readResource({ uri });
            assert.equal(contents[0].uri, uri);
          }
          await assert.rejects(client.readResource({ uri: "mcpfold://servers/fixture/test://none" }), /not found/i);
        }));

      test("templates are expanded by the client", () =>
        using(connecting, async (client) => {
          const { resourceTemplates } = await client.listResourceTemplates();
          const template = resourceTemplates.find(({ name: of }) => of === "template").uriTemplate;
          assert.equal(template, "mcpfold://servers/fixture/test://template/{id}/data");
          const { contents } = await client.readResource({ uri: template.replace("{id}", "a%20b") });
          assert.equal(contents[0].uri, "mcpfold://servers/fixture/test://template/a%20b/data");
          assert.ok(resourceTemplates.some(({ uriTemplate }) => uriTemplate.startsWith("mcpfold://results/")));
        }));

      test("completion of a prompt's argument, with context, and of a template's", () =>
        using(connecting, async (client) => {
          const prompt = { type: "ref/prompt", name: "everything.completable-prompt" };
          const named = await client.complete({ ref: prompt, argument: { name: "name", value: "" }, context: { arguments: { department: "Engineering" } } });
          assert.ok(named.completion.values.includes("Alice"), JSON.stringify(named));
          const ref = { type: "ref/resource", uri: "mcpfold://servers/fixture/test://template/{id}/data" };
          const { completion } = await client.complete({ ref, argument: { name: "id", value: "12" } });
          assert.deepEqual(completion.values, ["123", "124"]);
        }));

      test("pinned tools stand beside execute_code", () =>
        using(connecting, async (client) => {
          const { tools } = await client.listTools();
          assert.deepEqual(tools.map(({ name: tool }) => tool), ["execute_code", "everything__get-sum", "fixture__test_simple_text"]);
          const sum = await client.callTool({ name: "everything__get-sum", arguments: { a: 2, b: 3 } });
          assert.match(textOf(sum), /5/);
          const simple = await client.callTool({ name: "fixture__test_simple_text", arguments: {} });
          assert.equal(textOf(simple), "This is a simple text response for testing.");
        }));

      test("a link that a script returns can be read", () =>
        using(connecting, async (client) => {
          const code = `mcp.emit({ type: "resource_link", uri: "test://static-text", name: "a" }); return 1`;
          const { content } = await client.callTool({ name: "execute_code", arguments: { code } });
          const link = content.find(({ type }) => type === "resource_link");
          assert.equal(link.uri, "mcpfold://servers/fixture/test://static-text");
          assert.match((await client.readResource({ uri: link.uri })).contents[0].text, /static text/);
        }));
    });
  }

  test("a pinned tool that there is not is named in the log", () => program.event("pinned_tool_missing", { tool: "memory.nothing" }));

  test("a script completes arguments", async () => {
    const client = await connect(program);
    const code = `return (await mcp.complete("fixture", { type: "ref/prompt", name: "test_prompt_with_arguments" }, { name: "arg1", value: "par" })).values`;
    assert.deepEqual(await new Scripts(client).value(code), ["paris", "park", "party"]);
    await client.close();
  });

  // Does something, and waits until the server has been asked to watch the resource.
  async function watched(act) {
    const asked = () => world.sent().filter((line) => /"(resources\/subscribe|subscriptions\/listen)"/.test(line) && line.includes('"test://watched-resource"')).length;
    const before = asked();
    const value = await act();
    await settles("nobody watches", asked, (count) => count > before);
    return value;
  }

  test("changes of a resource come to those who subscribed, and to no others", async () => {
    const [told, silent] = await Promise.all([connectLegacy(program), connectLegacy(program)]);
    const heard = { told: [], silent: [] };
    for (const [name, client] of Object.entries({ told, silent })) client.fallbackNotificationHandler = async (notification) => void heard[name].push(notification);
    await watched(() => told.subscribeResource({ uri: WATCHED }));
    const change = () => told.callTool({ name: "execute_code", arguments: { code: `return mcp.call("fixture", "test_trigger_resource_update", { uri: "test://watched-resource" })` } });
    const updated = (all) => all.filter(({ method }) => method === "notifications/resources/updated").map(({ params }) => params.uri);
    await change();
    await settles("an update", () => updated(heard.told), (all) => all.length > 0);
    await sleep(500); // for what must not come
    assert.deepEqual([updated(heard.told), updated(heard.silent)], [[WATCHED], []]);
    await told.unsubscribeResource({ uri: WATCHED });
    await change();
    await sleep(500);
    assert.deepEqual(updated(heard.told), [WATCHED]);
    await Promise.all([told.close(), silent.close()]);
  });

  test("a modern client listens to a resource and to lists", async () => {
    const client = await connect(program);
    const heard = [];
    client.fallbackNotificationHandler = async (notification) => void heard.push(notification);
    client.setNotificationHandler("notifications/resources/updated", (notification) => void heard.push(notification));
    client.setNotificationHandler("notifications/prompts/list_changed", (notification) => void heard.push(notification));
    await client.listPrompts();
    const listening = await watched(() => client.listen({ promptsListChanged: true, resourceSubscriptions: [WATCHED] }));
    const trigger = (tool, args) => client.callTool({ name: "execute_code", arguments: { code: `return mcp.call("fixture", ${JSON.stringify(tool)}, ${JSON.stringify(args)})` } });
    await trigger("test_trigger_resource_update", { uri: "test://watched-resource" });
    await trigger("test_trigger_prompt_change", {});
    await settles("two notifications", () => heard.length, (count) => count >= 2);
    await sleep(500); // for what must not come
    assert.deepEqual(heard.map(({ method }) => method).toSorted(), ["notifications/prompts/list_changed", "notifications/resources/updated"]);
    assert.equal(heard.find(({ params }) => params?.uri).params.uri, WATCHED);
    await listening.close();
    await client.close();
  });

  describe("direct mode by the address", () => {
    test("each tool by its server's name, legacy", async () => {
      const client = await connectLegacy(program, "?mode=direct");
      const { tools } = await client.listTools();
      const names = tools.map(({ name }) => name);
      assert.ok(names.includes("files__read_text_file") && names.includes("memory__read_graph"), names.join(" "));
      assert.ok(!names.includes("execute_code"));
      for (const name of names) assert.match(name, /^[A-Za-z0-9_-]{1,64}$/);
      const structured = await client.callTool({ name: "everything__get-structured-content", arguments: { location: "New York" } });
      assert.equal(typeof structured.structuredContent.temperature, "number");
      const links = await client.callTool({ name: "everything__get-resource-links", arguments: { count: 2 } });
      const { uri } = links.content.find(({ type }) => type === "resource_link");
      assert.match(uri, /^mcpfold:\/\/servers\/everything\//);
      assert.equal((await client.readResource({ uri })).contents[0].uri, uri);
      const failed = await client.callTool({ name: "files__read_text_file", arguments: { path: "/nowhere" } });
      assert.equal(failed.isError, true);
      await client.close();
    });

    test("progress under the client's token, logs at its level, cancelled with it", async () => {
      const client = await connectLegacy(program, "?mode=direct");
      const values = [];
      await client.callTool({ name: "everything__trigger-long-running-operation", arguments: { duration: 1, steps: 4 } }, undefined, { onprogress: ({ progress }) => values.push(progress) });
      assert.deepEqual(values, [1, 2, 3, 4].slice(0, values.length));
      assert.ok(values.length >= 2, `${values.length}`);
      const stop = new AbortController();
      const running = client.callTool({ name: "everything__trigger-long-running-operation", arguments: { duration: 60, steps: 60 } }, undefined, { signal: stop.signal });
      await sleep(300);
      stop.abort();
      await assert.rejects(running);
      await client.close();
    });

    test("a mode that there is not is refused", async () => {
      const response = await fetch(`${program.url}?mode=all`, { method: "POST", headers: { "content-type": "application/json", accept: "application/json, text/event-stream" }, body: "{}" });
      assert.equal(response.status, 400);
      assert.match(await response.text(), /code or direct/);
    });
  });
});

test("a server that runs code itself is not wrapped twice", async () => {
  const world = new World();
  const { files, memory } = world.servers;
  const { command, args } = world.stdio({ servers: { files } });
  const program = await world.serve({ servers: { memory, inner: { command: [command, ...args] } } });
  const client = await connect(program);
  const { tools } = await client.listTools(undefined, { timeout: 90_000 });
  assert.deepEqual(tools.map(({ name }) => name), ["execute_code", "inner__execute_code"]);
  assert.doesNotMatch(tools[0].description, /execute_code\(/);
  const result = await client.callTool({ name: "inner__execute_code", arguments: { code: "return typeof files.read_text_file" } });
  assert.equal(textOf(result), "function");
  await program.event("code_server", { server: "inner", tool: "execute_code" });
  await client.close();
  await world.close();
});

for (const mode of ["legacy", MODERN]) {
  for (const era of ["legacy", "modern"]) {
    test(`a ${era} server's question in the middle of a direct call, ${JSON.stringify(mode)} client`, async () => {
      const world = new World();
      const program = await world.serve({ mode: "direct", servers: { asking: { ...world.fixture("questions.mjs", "stdio", era), era, ask: ["elicitation"] } } });
      const client = await connect(program, mode, { capabilities: { elicitation: { form: {} } } });
      client.setRequestHandler("elicitation/create", ({ params }) => {
        assert.match(params.message, /asking.*Who\?/);
        return { action: "accept", content: { name: "Ada" } };
      });
      const { content } = await client.callTool({ name: "asking__name", arguments: { words: "Who?" } });
      assert.deepEqual(JSON.parse(content[0].text), { action: "accept", content: { name: "Ada" } });
      await client.close();
      await world.close();
    });
  }
}

test("a client has its mode by its name", async () => {
  const world = new World();
  const { files } = world.servers;
  const program = await world.serve({ servers: { files }, clients: { "plain-*": { mode: "direct" } } });
  const first = async (name) => {
    const client = await connect(program, MODERN, {}, name);
    const { tools } = await client.listTools(undefined, { timeout: 90_000 });
    await client.close();
    return tools[0].name;
  };
  assert.match(await first("plain-client"), /^files__/);
  assert.equal(await first("other"), "execute_code");
  await world.close();
});
