// Names of servers and tools: declarations, runtime and broker follow one rule,
// and each tool can be called by its identifier, by its raw name, and by mcp.call.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { contractSession } from "./lib/contract.mjs";

// raw name: identifier, by the rule of codegen/names.h
const identifiers = {
  then: "then", toJSON: "toJSON", constructor: "constructor", toString: "toString", valueOf: "valueOf",
  ["__proto__"]: "__proto__", hasOwnProperty: "hasOwnProperty", prototype: "prototype", name: "name", length: "length",
  delete: "delete__2", delete_: "delete_", class: "class_", await: "await_", arguments: "arguments_",
  "get-env": "get_env_2", "get.env": "get_env_3", get_env: "get_env", "a b": "a_b", "数据": "__", "données": "donn_es",
  "1st": "_1st_2", _1st: "_1st", 9: "_9", $: "$", _: "_", "issue/create": "issue_create",
  'quote"d': "quote_d", "back\\slash": "back_slash", "end */ comment": "end____comment", "-": "__2", "emoji😀": "emoji_",
};
const clashes = ["delete", "get-env", "get.env", "1st", "-"];

// Keys of the configuration, and the global that each becomes.
const servers = { odd: "odd", "my-server": "my_server_2", my_server: "my_server", class: "class_", "1st": "_1st", console: "console_2", mcp: "mcp_2", Promise: "Promise_2", "a.b": "a_b" };

describe("names", () => {
  const at = contractSession({
    servers: (world) => Object.fromEntries(Object.keys(servers).map((key) => [key, world.fixture("contract.mjs", "names")])),
  });

  for (const [raw, identifier] of Object.entries(identifiers)) {
    test(`the tool ${JSON.stringify(raw)} is ${identifier}`, async () => {
      const value = await at.scripts.value(`
        const whole = await mcp.call("odd", input.raw);
        return [
          await odd.${identifier}({}),
          await odd[${JSON.stringify(raw)}]({}),
          whole.content[0].text,
          (await mcp.describe("odd." + input.raw)).includes(${JSON.stringify(identifier)}),
        ];`, { raw, identifier });
      assert.deepEqual(value, [`called ${raw}`, `called ${raw}`, `called ${raw}`, true]);
    });
  }

  for (const raw of clashes) {
    test(`the documentation of ${JSON.stringify(raw)} says what it is called`, async () => {
      const text = await at.scripts.text("return mcp.describe(input)", `odd.${identifiers[raw]}`);
      assert.ok(text.includes(JSON.stringify(raw)), text);
    });
  }

  test("a name that the server does not have is a mistake to the check, and an error at run time", async () => {
    assert.match(await at.scripts.failure("TypeCheckError", "return contract.toJSON({})"), /'toJSON' does not exist/);
    assert.match(await at.scripts.failure("UnknownTool", "return (odd as any).nothing({})"), /no tool "nothing"/);
  });

  test("the object of a server is no promise and no class, unless it has such a tool", async () => {
    assert.deepEqual(
      await at.scripts.value(`
        const server = (await contract) as any;
        const members = ["then", "toJSON", "constructor", "toString", "valueOf", "__proto__"];
        return members.filter((name) => server[name] !== undefined);`),
      [],
    );
  });

  test("the object of a server lists its tools, and cannot be changed", async () => {
    const value = await at.scripts.value(`
      const server = odd as any;
      "use strict";
      let refused = 0;
      for (const change of [() => { server.get_env = 1; }, () => { delete server.get_env; }, () => Object.setPrototypeOf(server, {})]) {
        try { change(); } catch { refused++; }
      }
      return [Object.keys(server), "get-env" in server, "get_env_2" in server, "nothing" in server, await server.get_env({}), refused];`);
    assert.deepEqual(value[0].toSorted(), Object.values(identifiers).toSorted());
    assert.deepEqual(value.slice(1), [true, true, false, "called get_env", 3]);
  });

  test("each server is a global by the rule, and says so", async () => {
    const named = Object.fromEntries((await at.scripts.value("return mcp.servers()")).map(({ name, identifier }) => [name, identifier]));
    const { contract, ...others } = named;
    assert.equal(contract, "contract");
    assert.equal(new Set(Object.values(others)).size, Object.keys(servers).length);
    const value = await at.scripts.value(`return [${Object.values(others).map((name) => `await ${name}.get_env({})`)}]`);
    assert.deepEqual(value, Object.keys(others).map(() => "called get_env"));
    assert.deepEqual(others, servers);
  });
});
