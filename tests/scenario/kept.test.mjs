// Results over the output budget: shortened by their structure, kept as a whole,
// read back in pages and by later scripts.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Scripts, connect } from "./lib/scripts.mjs";
import { World } from "./lib/world.mjs";

const BUDGET = 2000;
const RECORDS = `Array.from({ length: 3000 }, (_, id) => ({ id, name: "name " + id, tags: ["ä", "😀"] }))`;
const records = Array.from({ length: 3000 }, (_, id) => ({ id, name: `name ${id}`, tags: ["ä", "😀"] }));

describe("results over the budget", () => {
  let world, program, scripts;
  before(async () => {
    world = new World();
    world.servers = { faulty: world.fixture("faulty.mjs") };
    program = await world.serve({ limits: { result: BUDGET } });
    scripts = new Scripts(await connect(program));
  });
  after(async () => {
    await scripts?.client.close();
    await world.close();
  });

  // The text, the value under its first line, and the address of the whole.
  async function shortened(code) {
    const { isError, content, _meta } = await scripts.run(code);
    assert.equal(isError, false);
    const [{ text }, link] = content;
    assert.equal(link.type, "resource_link");
    assert.equal(link.uri, _meta["mcpfold/run"].kept);
    assert.ok([...text].length <= BUDGET, `${[...text].length} characters`);
    const [head, ...rest] = text.split("\n");
    assert.match(head, /^\[Shortened/);
    assert.ok(head.includes(link.uri));
    return { rest: rest.join("\n"), uri: link.uri };
  }

  // All pages of a kept result, put together.
  async function readPages(client, uri) {
    let whole = "";
    for (let next = uri, pages = 1; ; pages++) {
      const { contents } = await client.readResource({ uri: next });
      const page = /^([^]*)\n\[characters \d+ to \d+ of (\d+)(?:; next: (\S+))?\]$/.exec(contents[0].text);
      whole += page ? page[1] : contents[0].text;
      next = page?.[3];
      if (!next) return { whole, pages };
    }
  }

  test("records stay valid JSON, and the pages make the whole", async () => {
    const { rest, uri } = await shortened(`return ${RECORDS}`);
    const some = JSON.parse(rest);
    assert.ok(some.length > 5 && some.length < 100);
    assert.deepEqual(some[0], records[0]);
    assert.match(some.at(-1), /more of 3000/);
    const { whole, pages } = await readPages(scripts.client, uri);
    assert.ok(pages > 10);
    assert.deepEqual(JSON.parse(whole), records);
  });

  test("an object keeps its shape", async () => {
    const { rest } = await shortened(`return { total: 3000, first: "x".repeat(5000), records: ${RECORDS} }`);
    const value = JSON.parse(rest);
    assert.equal(value.total, 3000);
    assert.ok(Array.isArray(value.records));
  });

  test("text keeps its beginning and its end", async () => {
    const { rest, uri } = await shortened(`return "begin " + "äö ".repeat(3000) + " end"`);
    assert.match(rest, /^begin [^]* characters left out [^]* end$/);
    assert.equal((await readPages(scripts.client, uri)).whole, `begin ${"äö ".repeat(3000)} end`);
  });

  test("a later script of another client opens the whole", async () => {
    const { uri } = await shortened(`return ${RECORDS}`);
    const other = new Scripts(await connect(program, "legacy"));
    assert.deepEqual(await other.value("const all = await mcp.open(input); return [all.length, all[2999].name]", uri), [3000, "name 2999"]);
    await other.client.close();
  });

  test("what a server returns is shortened too", async () => {
    const { uri } = await shortened("return faulty.huge({ bytes: 3000000 })");
    assert.equal(await scripts.value("return (await mcp.open(input)).length", uri), 3_000_000);
  });

  test("a result within the budget is not kept", async () => {
    const { content, _meta } = await scripts.run(`return ${RECORDS}.slice(0, 20)`);
    assert.equal(content.length, 1);
    assert.equal(_meta["mcpfold/run"].kept, undefined);
  });

  test("an unknown address is an error", async () => {
    await assert.rejects(scripts.client.readResource({ uri: `mcpfold://results/${"f".repeat(32)}` }), /not found/i);
  });

  test("console lines are shown beside a shortened value", async () => {
    const { content } = await scripts.run(`console.log("a line"); return ${RECORDS}`);
    assert.match(content[0].text, /\nConsole:\n.*a line$/);
  });
});
