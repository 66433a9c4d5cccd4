// mode: passthrough: a client of either era sees one server of either era as it
// is, over stdio and HTTP; what a direct connection shows is what it shows.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { MODERN, connect } from "./lib/scripts.mjs";
import { World, fixtures, node, sleep } from "./lib/world.mjs";

const textOf = ({ content }) => content.map(({ text }) => text).join("");
const eraOf = (mode) => (mode === "legacy" ? "legacy" : "modern");

// The server without anything between.
async function connectDirectly(era, port) {
  const client = new Client({ name: "direct", version: "1" }, { versionNegotiation: { mode: era === "legacy" ? "legacy" : MODERN } });
  const transport = port ? new StreamableHTTPClientTransport(new URL(`http://127.0.0.1:${port}/mcp`))
    : new StdioClientTransport({ command: node, args: [`${fixtures}conformance.mjs`, "stdio", era], stderr: "ignore" });
  await client.connect(transport);
  return client;
}

for (const upstreamEra of ["legacy", "modern"]) {
  for (const transport of ["stdio", "HTTP"]) {
    describe(`a ${upstreamEra} server over ${transport}`, () => {
      let world, program, direct;
      before(async () => {
        world = new World();
        const port = transport === "HTTP" ? await world.serveFixture("conformance.mjs", upstreamEra) : undefined;
        const server = port ? { url: `http://127.0.0.1:${port}/mcp` } : world.fixture("conformance.mjs", "stdio", upstreamEra);
        program = await world.serve({ mode: "passthrough", servers: { fixture: { ...server, era: upstreamEra } } });
        direct = await connectDirectly(upstreamEra, port);
      });
      after(async () => {
        await direct?.close();
        await world.close();
      });

      for (const mode of ["legacy", MODERN]) {
        describe(`a ${eraOf(mode)} client`, () => {
          let client;
          before(async () => (client = await connect(program, mode)));
          after(() => client?.close());

          test("capabilities and instructions", () => {
            const { tools, prompts, resources, completions, logging } = direct.getServerCapabilities();
            const mirrored = client.getServerCapabilities();
            assert.deepEqual([mirrored.tools, mirrored.prompts, mirrored.resources, mirrored.completions, mirrored.logging], [tools, prompts, resources, completions, logging]);
            assert.equal(client.getInstructions(), direct.getInstructions());
          });

          test("lists, word for word", async () => {
            const lists = [(at) => at.listTools(), (at) => at.listPrompts(), (at) => at.listResources(), (at) => at.listResourceTemplates()];
            const members = ["tools", "prompts", "resources", "resourceTemplates"];
            for (const [i, list] of lists.entries()) {
              const [there, here] = await Promise.all([list(direct), list(client)]);
              assert.deepEqual(here[members[i]], there[members[i]]);
            }
          });

          test("tools in every form of result", async () => {
            for (const name of ["test_simple_text", "test_image_content", "test_audio_content", "test_embedded_resource", "test_multiple_content_types", "test_error_handling"]) {
              const [there, here] = await Promise.all([direct.callTool({ name, arguments: {} }), client.callTool({ name, arguments: {} })]);
              assert.deepEqual([here.content, Boolean(here.isError)], [there.content, Boolean(there.isError)], name);
            }
          });

          test("prompts, resources, completion", async () => {
            const prompt = { name: "test_prompt_with_arguments", arguments: { arg1: "a", arg2: "b" } };
            assert.deepEqual((await client.getPrompt(prompt)).messages, (await direct.getPrompt(prompt)).messages);
            for (const uri of ["test://static-text", "test://static-binary", "test://template/7/data"]) {
              assert.deepEqual((await client.readResource({ uri })).contents, (await direct.readResource({ uri })).contents);
            }
            const ref = { type: "ref/prompt", name: "test_prompt_with_arguments" };
            assert.deepEqual((await client.complete({ ref, argument: { name: "arg1", value: "par" } })).completion.values, ["paris", "park", "party"]);
          });

          test("errors as the server says", async () => {
            const failing = [
              (at) => at.callTool({ name: "no_such_tool", arguments: {} }),
              (at) => at.getPrompt({ name: "no_such_prompt" }),
            ];
            for (const fail of failing) {
              const told = async (at) => fail(at).then((result) => textOf(result), ({ code, message }) => `${code} ${message}`);
              assert.equal(await told(client), await told(direct));
            }
            await assert.rejects(client.readResource({ uri: "test://none" }), ({ code }) => code === (eraOf(mode) === "legacy" ? -32002 : -32602) || code === -32602);
          });

          test("progress under the client's token", async () => {
            const values = [];
            await client.callTool({ name: "test_tool_with_progress", arguments: {} }, { onprogress: ({ progress }) => values.push(progress) });
            assert.deepEqual(values, [0, 50, 100]);
          });

          test("changed lists are told", async () => {
            let told;
            const changed = new Promise((resolve) => (told = resolve));
            client.setNotificationHandler("notifications/prompts/list_changed", () => told("told"));
            const listening = eraOf(mode) === "modern" ? await client.listen({ promptsListChanged: true }) : undefined;
            await client.listPrompts();
            await client.callTool({ name: "test_trigger_prompt_change", arguments: {} });
            assert.equal(await Promise.race([changed, sleep(8000)]), "told");
            await listening?.close();
            await client.callTool({ name: "test_trigger_prompt_change", arguments: {} });
          });
        });
      }
    });
  }
}

test("what is no answer to a question is not passed on", async () => {
  const world = new World();
  const program = await world.serve({ mode: "passthrough", servers: { fixture: world.fixture("conformance.mjs", "stdio", "modern") } });
  const client = await connect(program);
  const name = "test_input_required_result_elicitation";
  const wrong = [{ inputResponses: null }, { inputResponses: [] }, { inputResponses: { user_name: 12345 } }, { inputResponses: {}, requestState: {} }];
  for (const params of wrong) {
    await assert.rejects(client.request({ method: "tools/call", params: { name, arguments: {}, ...params } }), ({ code, message }) => code === -32602 && /must be/.test(message));
  }
  await client.close();
  await world.close();
});

test("headers that repeat arguments must say what the body says", async () => {
  const world = new World();
  const program = await world.serve({ mode: "passthrough", servers: { fixture: world.fixture("conformance.mjs", "stdio", "modern") } });
  const post = async (region, header) => {
    const _meta = { "io.modelcontextprotocol/protocolVersion": MODERN.pin, "io.modelcontextprotocol/clientCapabilities": {} };
    const params = { name: "test_x_mcp_header", arguments: { region }, _meta };
    const headers = { "mcp-protocol-version": MODERN.pin, "mcp-method": "tools/call", "mcp-name": params.name, ...(header !== undefined && { "Mcp-Param-Region": header }) };
    const answer = await fetch(program.url, {
      method: "POST",
      headers: { "content-type": "application/json", accept: "application/json, text/event-stream", ...headers },
      body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/call", params }),
    });
    const { error, result } = await answer.json();
    return [answer.status, error?.code ?? textOf(result)];
  };
  await (await connect(program)).listTools();
  const refused = [400, -32020];
  assert.deepEqual(await post("eu"), refused);
  assert.deepEqual(await post("eu", "us"), refused);
  assert.deepEqual(await post("eu", "=?base64?!?="), refused);
  assert.deepEqual(await post("eu", "eu"), [200, "region=eu"]);
  assert.deepEqual(await post("", ""), [200, "region="]);
  assert.deepEqual(await post("é", "=?base64?w6k=?="), [200, "region=é"]);
  assert.deepEqual(await post(undefined), [200, "region=none"]);
  await world.close();
});

test("no code is run behind a mirror", async () => {
  const world = new World();
  const program = await world.serve({ mode: "passthrough", servers: { files: world.servers.files } });
  const client = await connect(program);
  const { tools } = await client.listTools();
  assert.ok(tools.some(({ name }) => name === "read_text_file") && tools.every(({ name }) => name !== "execute_code"));
  assert.equal(program.log.some(({ part }) => part === "isolate" || part === "check"), false);
  await client.close();
  await world.close();
});

test("a choice of tools holds behind a mirror too", async () => {
  const world = new World();
  const program = await world.serve({ mode: "passthrough", servers: { files: { ...world.servers.files, include_tools: ["read_*"] } } });
  const client = await connect(program, "legacy");
  const { tools } = await client.listTools();
  assert.ok(tools.length > 0 && tools.every(({ name }) => name.startsWith("read_")), tools.map(({ name }) => name).join(" "));
  await assert.rejects(client.callTool({ name: "list_allowed_directories", arguments: {} }), /Unknown tool/);
  await client.close();
  await world.close();
});

test("a mirror whose server is down says so", async () => {
  const world = new World();
  const program = await world.serve({ mode: "passthrough", servers: { gone: { command: ["/nonexistent"] } }, startup_timeout: "2s" });
  await assert.rejects(connect(program, "legacy"), /Server 'gone' is not available/);
  await world.close();
});
