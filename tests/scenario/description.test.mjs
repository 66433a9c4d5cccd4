// The description of execute_code: what a model reads before it writes a script.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { after, before, describe, test } from "node:test";
import { MODERN, connect } from "./lib/scripts.mjs";
import { World, binary } from "./lib/world.mjs";

const LEAD = 2048; // widely used clients cut there
const folder = fileURLToPath(new URL("../fixtures/catalogues/", import.meta.url));
const small = ["howtocook-mcp.json", "snapshot__livemcp__time.json", "modelcontextprotocol__server-gitlab.json"];
const all = readdirSync(folder).filter((name) => name.endsWith(".json"));
const toolsOf = (file) => JSON.parse(readFileSync(join(folder, file), "utf8")).tools;
const keyOf = (file) => `s_${file.replace(/\.json$/, "").replace(/\W/g, "_")}`;

describe("the description", () => {
  let world;
  before(() => {
    world = new World();
  });
  after(() => world.close());

  function serversOf(files) {
    return Object.fromEntries(files.map((file) => [keyOf(file), world.fixture("contract.mjs", "catalogue", join(folder, file))]));
  }

  // The one tool, as a client that lists tools sees it.
  async function tool(servers, settings = {}) {
    const program = await world.serve({ servers, ...settings });
    const client = await connect(program);
    const { tools } = await client.listTools({}, { timeout: 90_000 });
    await client.close();
    await program.stop();
    assert.equal(tools.length, 1);
    return tools[0];
  }

  function standsAlone(description, files) {
    const lead = [...description].slice(0, LEAD).join("");
    for (const words of ["TypeScript", "mcp.search", "mcp.describe", "mcp.servers", "ToolError", "`input`", "await", "No network"]) {
      assert.ok(lead.includes(words), `no ${words} in: ${lead}`);
    }
    for (const file of files) assert.match(lead, new RegExp(`^- ${keyOf(file)}: ${toolsOf(file).length} tools?\\b`, "m"));
    return lead;
  }

  test("of a small catalogue it is COMPLETE, and has each tool", async () => {
    const { name, description, inputSchema, annotations } = await tool(serversOf(small));
    const lead = standsAlone(description, small);
    const count = small.flatMap(toolsOf).length;
    assert.ok(lead.includes(`COMPLETE: all ${count} tools`), lead);
    assert.doesNotMatch(description, /PARTIAL/);
    for (const file of small) {
      assert.ok(description.includes(`declare const ${keyOf(file)}:`));
      for (const { name } of toolsOf(file)) assert.match(description, new RegExp(`^  ${name.replace(/\W/g, "_")}\\(`, "m"));
    }
    assert.equal(name, "execute_code");
    assert.deepEqual(inputSchema.required, ["code"]);
    assert.deepEqual(Object.keys(inputSchema.properties).toSorted(), ["code", "input"]);
    assert.equal(inputSchema.properties.code.type, "string");
    assert.equal(inputSchema.properties.input.type, undefined);
    assert.deepEqual([annotations.readOnlyHint, annotations.destructiveHint, annotations.openWorldHint], [false, true, true]);
  });

  test("of a large catalogue it is PARTIAL, stays in its budget, and is the same after another start", async () => {
    const [one, other] = await Promise.all([tool(serversOf(all)), tool(serversOf(all))]);
    const lead = standsAlone(one.description, all);
    const [, declared, total] = /PARTIAL: (\d+) of (\d+) tools/.exec(lead);
    assert.equal(Number(total), all.flatMap(toolsOf).length);
    assert.ok(Number(declared) > 0 && Number(declared) < Number(total));
    const whole = all.filter((file) => one.description.includes(`declare const ${keyOf(file)}:`));
    assert.equal(whole.flatMap(toolsOf).length, Number(declared), "a server is declared as a whole or not at all");
    for (const file of all.filter((file) => !whole.includes(file))) assert.ok(one.description.includes(`// ${keyOf(file)}, names only:`), file);
    assert.ok(one.description.length < 8000 * 4.5, `${one.description.length} characters`);
    assert.equal(other.description, one.description);
  });

  test("the budget is the configuration's", async () => {
    const servers = serversOf(all.slice(0, 4));
    const [short, long] = await Promise.all([tool(servers, { description: { budget: 500 } }), tool(servers, { description: { budget: 60000 } })]);
    assert.match(short.description, /PARTIAL/);
    assert.match(long.description, /COMPLETE/);
    assert.ok(short.description.length < LEAD + 500 * 4.5 && long.description.length > 20_000);
  });

  test("many servers do not fit in the lead: it says how many more, and stands alone", async () => {
    const servers = Object.fromEntries(Array.from({ length: 60 }, (_, n) => [`server_with_a_long_name_${n}`, { command: ["/bin/false"], disabled: n % 2 === 0 }]));
    const { description } = await tool({ ...servers, ...serversOf(small.slice(0, 1)) });
    const lead = [...description].slice(0, LEAD).join("");
    assert.match(lead, /Servers \(\d+\):/);
    assert.match(lead, /and \d+ more servers with \d+ tools: see mcp\.servers\(\)/);
    assert.match(lead, /COMPLETE: all 5 tools/);
  });

  test("a server that is down is named with the reason", async () => {
    const { description } = await tool({ ...serversOf(small.slice(0, 1)), broken: { command: ["/nonexistent/server"] } });
    assert.match(description, /^- broken: 0 tools; down: .*nonexistent/m);
    assert.match(description, /COMPLETE: all 5 tools/);
  });

  test("mcpfold types prints what a client will see", async () => {
    const { description } = await tool(serversOf(small));
    const config = world.config({ servers: serversOf(small), log: { level: "error" } });
    const print = (...args) => execFileSync(binary, ["types", "-c", config, "--description", ...args], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
    assert.equal(print().trimEnd(), description.trimEnd());
    assert.match(print("--client", "claude-code"), /PARTIAL: \d of \d+ tools/);
  });

  test("clients that cut get what they keep, each by its name, and types prints it", async () => {
    const settings = { servers: serversOf(small), clients: { "terse-*": { budget: 300 }, "wide": { description_limit: 6000 } } };
    const program = await world.serve(settings);
    const config = world.config({ ...settings, log: { level: "error" } });
    const seen = {};
    for (const name of ["claude-code", "terse-agent", "wide", "other"]) {
      for (const mode of [MODERN, "legacy"]) {
        const client = await connect(program, mode, {}, name);
        const { tools } = await client.listTools({}, { timeout: 90_000 });
        await client.close();
        seen[name] ??= tools[0].description;
        assert.equal(tools[0].description, seen[name], `${name} ${mode}`);
      }
      if (name === "other") continue;
      const printed = execFileSync(binary, ["types", "-c", config, "--client", name], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
      assert.equal(printed, seen[name]);
    }
    assert.ok(seen["claude-code"].length <= LEAD);
    assert.match(seen["claude-code"], /PARTIAL: \d of \d+ tools/);
    assert.ok(seen.wide.length <= 6000 && seen.wide.length > LEAD);
    assert.match(seen["terse-agent"], /PARTIAL/);
    assert.match(seen.other, /COMPLETE/);
  });

  test("the order in which servers come up does not change a byte", async () => {
    const files = all.slice(0, 3);
    const late = (order) => Object.fromEntries(files.map((file, n) => {
      const { command } = world.fixture("contract.mjs", "catalogue", join(folder, file));
      return [keyOf(file), { command: ["sh", "-c", `sleep ${order[n] / 2}; exec "$@"`, "sh", ...command] }];
    }));
    const texts = await Promise.all([[0, 1, 2], [2, 1, 0], [1, 0, 2]].map((order) => tool(late(order))));
    for (const { description } of texts) assert.equal(description, texts[0].description);
  });
});
