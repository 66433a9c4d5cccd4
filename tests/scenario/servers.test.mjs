// Real servers from npm behind the real program: each is listed with its tools
// and called from scripts, in every form that a script has.
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { settles } from "./lib/processes.mjs";
import { MODERN, Scripts, connect } from "./lib/scripts.mjs";
import { World } from "./lib/world.mjs";

// server: [number of tools, protocol].  "everything" has four more for clients that can be asked.
const expected = {
  files: [14, "2025-11-25"],
  memory: [9, "2025-11-25"],
  thinking: [1, "2025-11-25"],
  everything: [17, "2025-11-25"],
  everything_http: [17, "2025-11-25"],
  everything_sse: [17, "2025-11-25"],
  modern: [5, MODERN.pin],
  modern_http: [5, MODERN.pin],
};

describe("real servers", () => {
  let world, program, scripts;
  before(async () => {
    world = new World();
    const [streamable, sse, modern] = await Promise.all([
      world.serveFixture("everything.mjs", "streamableHttp"),
      world.serveFixture("everything.mjs", "sse"),
      world.serveFixture("modern.mjs"),
    ]);
    Object.assign(world.servers, {
      thinking: world.official("server-sequential-thinking"),
      everything_http: { url: `http://127.0.0.1:${streamable}/mcp` },
      everything_sse: { url: `http://127.0.0.1:${sse}/sse`, type: "sse" },
      modern: world.fixture("modern.mjs"),
      modern_http: { url: `http://127.0.0.1:${modern}/mcp` },
    });
    program = await world.serve();
    scripts = new Scripts(await connect(program));
    await scripts.client.listTools({ timeout: 90_000 });
  });
  after(async () => {
    await scripts?.client.close();
    await world.close();
  });

  for (const [server, [tools, protocol]] of Object.entries(expected)) {
    test(`${server} is listed with its tools`, async () => {
      assert.equal((await program.event("connected", { server })).protocol, protocol);
      // "everything" adds one of its tools a moment after it was connected.
      const described = async () => (await scripts.client.listTools()).tools[0].description;
      await settles("the description", described, (text) => text.includes(`- ${server}: ${tools} tool`));
      const info = await scripts.value("return (await mcp.servers()).find(({ name }) => name === input)", server);
      assert.deepEqual([info.tools, info.state, info.problem], [tools, "ready", null]);
      const declared = await scripts.text("return mcp.describe(input)", server);
      assert.equal(declared.match(/\): Promise</g).length, tools);
    });
  }

  test("structured content is the value, typed by the output schema", async () => {
    for (const server of ["everything", "everything_http", "everything_sse"]) {
      const value = await scripts.value(`
        const weather = await ${server}.get_structured_content({ location: "Chicago" });
        const sum: number = weather.temperature + weather.humidity;
        return { sum, conditions: weather.conditions };`);
      assert.deepEqual(value, { sum: 118, conditions: "Light rain / drizzle" });
    }
    await scripts.failure("TypeCheckError", `const t: string = (await everything.get_structured_content({ location: "Chicago" })).temperature; return t`);
  });

  test("text that is JSON is parsed, other text is a string", async () => {
    assert.equal(await scripts.text(`return typeof (await everything.get_env({})).PATH`), "string");
    assert.equal(await scripts.text(`return everything.echo({ message: "a { b" })`), "Echo: a { b");
    assert.deepEqual(await scripts.value(`return modern.echo({ text: '{"a":[1,2.50]}' })`), { a: [1, 2.5] });
    assert.equal(await scripts.text(`return modern_http.echo({ text: "17" })`), "17");
  });

  test("several blocks stay blocks, and images go out by mcp.emit", async () => {
    const { content } = await scripts.run(`
      const blocks = await everything_http.get_tiny_image({});
      for (const block of blocks.filter(({ type }) => type === "image")) mcp.emit(block);
      mcp.emit({ type: "text", text: "beside it" });
      return blocks.map(({ type }) => type);`);
    assert.deepEqual(JSON.parse(content[0].text), ["text", "image", "text"]);
    assert.deepEqual(content.slice(1).map(({ type }) => type), ["image", "text"]);
    assert.equal(content[1].mimeType, "image/png");
    assert.equal(Buffer.from(content[1].data, "base64").subarray(1, 4).toString(), "PNG");
    assert.equal(content[2].text, "beside it");
  });

  test("mcp.call returns the whole result, by the raw names", async () => {
    const value = await scripts.value(`
      const [structured, error] = await Promise.all([
        mcp.call("everything_sse", "get-structured-content", { location: "New York" }),
        mcp.call("files", "read_text_file", { path: "/etc/hostname" }),
      ]);
      const byRawName = await everything["get-sum"]({ a: 2, b: 3 });
      return { structured, isError: error.isError, text: error.content[0].text, byRawName };`);
    assert.equal(value.structured.structuredContent.conditions, "Cloudy");
    assert.equal(value.structured.content[0].type, "text");
    assert.equal(value.isError, true);
    assert.match(value.text, /Access denied/);
    assert.match(value.byRawName, /is 5/);
  });

  test("resources and templates are listed and read", async () => {
    for (const server of ["everything", "everything_http", "everything_sse"]) {
      const value = await scripts.value(`
        const all = await mcp.resources(input);
        const first = all.find(({ uri }) => uri.endsWith("architecture.md"));
        const { contents } = await mcp.resources.read(input, first!.uri);
        const dynamic = await mcp.resources.read(input, "demo://resource/dynamic/text/3");
        const templates = await mcp.resources.templates(input);
        return { length: contents[0].text.length, dynamic: dynamic.contents[0].text, templates: templates.map((t) => t.uriTemplate) };`, server);
      assert.ok(value.length > 500);
      assert.match(value.dynamic, /Resource 3/);
      assert.ok(value.templates.includes("demo://resource/dynamic/text/{resourceId}"), value.templates);
    }
    const note = `return (await mcp.resources.read(input, "test://note")).contents[0].text`;
    assert.equal(await scripts.text(note, "modern"), "a note");
    assert.equal(await scripts.text(note, "modern_http"), "a note");
  });

  test("prompts are listed and got", async () => {
    for (const server of ["everything", "everything_http", "everything_sse"]) {
      const value = await scripts.value(`
        const names = (await mcp.prompts(input)).map(({ name }) => name);
        const { messages } = await mcp.prompts.get(input, "args-prompt", { city: "Rome", state: "Lazio" });
        return { names, text: messages[0].content.text };`, server);
      assert.ok(value.names.includes("simple-prompt"));
      assert.match(value.text, /Rome, Lazio/);
    }
  });

  test("files are written, listed and read", async () => {
    const path = join(world.folder, "made.txt");
    const text = await scripts.text(`
      await files.write_file({ path: input, content: "ä line\\nanother" });
      await files.edit_file({ path: input, edits: [{ oldText: "another", newText: "the last" }] });
      return (await files.read_text_file({ path: input })).content;`, path);
    assert.equal(text, "ä line\nthe last");
    assert.equal(readFileSync(path, "utf8"), text);
  });

  test("a graph is kept between scripts", async () => {
    await scripts.run(`await memory.create_entities({ entities: [{ name: "Ada", entityType: "person", observations: ["writes"] }] });
      await memory.add_observations({ observations: [{ entityName: "Ada", contents: ["computes"] }] });`);
    assert.deepEqual(await scripts.value(`return (await memory.open_nodes({ names: ["Ada"] })).entities[0].observations`), ["writes", "computes"]);
  });

  test("thoughts are counted", async () => {
    const value = await scripts.value(`
      const lengths: number[] = [];
      for (let n = 1; n <= 3; n++) {
        const thought = await thinking.sequentialthinking({ thought: "t" + n, nextThoughtNeeded: n < 3, thoughtNumber: n, totalThoughts: 3 });
        lengths.push(thought.thoughtHistoryLength);
      }
      return lengths;`);
    assert.deepEqual(value, [1, 2, 3]);
  });

  test("arguments named in headers reach a server of 2026-07-28", async () => {
    assert.deepEqual(await scripts.value(`return modern_http.region({ region: "EU – west", level: 7 })`), { region: "EU – west", level: 7 });
    assert.deepEqual(await scripts.value(`return modern_http.region({ region: "", level: 0 })`), { region: "", level: 0 });
  });

  test("many calls to all servers at once, each with its own answer", async () => {
    writeFileSync(join(world.folder, "number.txt"), "5");
    const value = await scripts.value(`
      const calls = [];
      for (let n = 0; n < 12; n++) {
        for (const server of [everything, everything_http, everything_sse]) calls.push(server.echo({ message: String(n) }).then((text) => text === "Echo: " + n));
        for (const server of [modern, modern_http]) calls.push(server.echo({ text: "n" + n }).then((text) => text === "n" + n));
        calls.push(files.read_text_file({ path: input }).then(({ content }) => content === "5"));
        calls.push(memory.read_graph({}).then(({ entities }) => Array.isArray(entities)));
      }
      const answers = await Promise.all(calls);
      return [answers.length, answers.filter((right) => right).length];`, join(world.folder, "number.txt"));
    assert.deepEqual(value, [84, 84]);
  });

  test("a tool that tells progress before its answer", async () => {
    for (const server of ["modern", "modern_http"]) assert.equal(await scripts.text(`return ${server}.count({ to: 3 })`), "counted to 3");
  });
});
