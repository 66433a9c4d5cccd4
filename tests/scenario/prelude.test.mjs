// codegen/prelude.d.ts tells the check which globals a script has; isolate/runtime
// makes them.  The two agree, member by member, in both directions.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import vm from "node:vm";
import { contractSession } from "./lib/contract.mjs";

const text = readFileSync(new URL("../../codegen/prelude.d.ts", import.meta.url), "utf8");

// There at run time so that their use says what to do instead; the check says it earlier.
const unavailable = ["fetch", "require"];
// Of the language, but taken away.
const withoutUse = ["WebAssembly", "SharedArrayBuffer"];

// Of the language, and newer than the Node that runs the tests.
const newer = ["AsyncDisposableStack", "DisposableStack", "Float16Array", "SuppressedError"];

// An object of each class that is declared.
const samples = {
  ToolError: `await mcp.call("contract", "refuse").catch((error: any) => error)`,
  TextEncoder: "new TextEncoder()",
  TextDecoder: "new TextDecoder()",
  URLSearchParams: "new URLSearchParams()",
  URL: `new URL("http://example.com")`,
  Event: `new Event("x")`,
  EventTarget: "new EventTarget()",
  AbortSignal: "new AbortController().signal",
  AbortController: "new AbortController()",
  DOMException: "new DOMException()",
};

// The declarations: kind, name, what it extends, members as [name, static].
function declarations() {
  const found = { const: {}, function: {}, class: {}, interface: {} };
  const head = /^(?:declare )?(const|function|class|interface) (\w+)(?: extends (\w+))?(?::? (\w+);)?(.*)$/;
  let open;
  for (const line of text.split("\n")) {
    const start = head.exec(line);
    const member = /^ {2}(static )?(?:readonly )?(\w+)(\??[(:<]\??)(?: (\w+);)?/.exec(line);
    if (start) {
      const [, kind, name, base, type] = start;
      open = found[kind][name] = { base, type, members: [] };
    } else if (member && open && member[2] !== "constructor") {
      open.members.push({ name: member[2], isStatic: member[1] !== undefined, type: member[4] });
    }
  }
  return found;
}

const declared = declarations();
const names = (members) => [...new Set(members.map(({ name }) => name))].toSorted();

// Members of a declared class with those of the classes that it extends.
function instanceMembers(name) {
  const entry = declared.class[name];
  if (!entry) return [];
  return [...entry.members.filter(({ isStatic }) => !isStatic), ...instanceMembers(entry.base)];
}

// Paths of objects (mcp, mcp.resources, ...) and the members that they are declared with.
function objects() {
  const all = [];
  const visit = (path, members) => {
    all.push([path, names(members)]);
    for (const { name, type } of members) {
      if (declared.interface[type]) visit(`${path}.${name}`, declared.interface[type].members);
    }
  };
  for (const [name, { type, members }] of Object.entries(declared.const)) {
    const shape = declared.interface[type]?.members ?? members;
    if (shape.length > 0) visit(name, shape);
  }
  return all;
}

// Script: the names that an object has beside those of the language's own objects.
const OWN = `
  const builtIn = [Object.prototype, Function.prototype, Error.prototype, Array.prototype, null];
  const ofFunctions = ["length", "name", "prototype", "arguments", "caller"];
  const namesOf = (object: any, isFunction = typeof object === "function") => {
    const all: string[] = [];
    for (let at = object; !builtIn.includes(at); at = Object.getPrototypeOf(at)) all.push(...Object.getOwnPropertyNames(at));
    return [...new Set(all)].filter((name) => name !== "constructor" && !(isFunction && ofFunctions.includes(name))).sort();
  };`;

describe("the prelude and the runtime", () => {
  const at = contractSession();

  test("every class that is declared has a sample", () => assert.deepEqual(Object.keys(samples).toSorted(), Object.keys(declared.class).toSorted()));

  test("the globals", async () => {
    const there = await at.scripts.value("return Object.getOwnPropertyNames(globalThis)");
    const language = [...vm.runInNewContext("Object.getOwnPropertyNames(globalThis)"), ...newer];
    const ours = there.filter((name) => !language.includes(name) && !unavailable.includes(name));
    const wanted = [...Object.keys(declared.const), ...Object.keys(declared.function), ...Object.keys(declared.class), "contract", "console"];
    assert.deepEqual([...new Set([...ours, "console"])].toSorted(), [...new Set(wanted)].toSorted());
    for (const name of unavailable) assert.ok(there.includes(name), name);
    for (const name of withoutUse) assert.ok(!there.includes(name), `${name} is there`);
  });

  for (const [path, members] of objects()) {
    test(path, async () => assert.deepEqual(await at.scripts.value(`${OWN}\nreturn namesOf(${path})`), members));
  }

  for (const [name, sample] of Object.entries(samples)) {
    test(`an object of ${name}`, async () => {
      const there = await at.scripts.value(`${OWN}\nreturn namesOf(${sample}, false)`);
      const inherited = ["message", "stack", "name", "cause", "kind"];
      const wanted = names(instanceMembers(name));
      const isError = name === "ToolError" || name === "DOMException";
      const plain = (all) => (isError ? all.filter((member) => !inherited.includes(member)) : all);
      assert.deepEqual(plain(there), plain(wanted));
    });

    test(`statics of ${name}`, async () => {
      const wanted = names(declared.class[name].members.filter(({ isStatic }) => isStatic));
      const there = await at.scripts.value(`${OWN}\nreturn Object.getOwnPropertyNames(${name}).filter((name) => !ofFunctions.includes(name)).sort()`);
      assert.deepEqual(there, wanted);
    });
  }

  test("objects of mcp have the members that are declared", async () => {
    const value = await at.scripts.value(`
      const [match] = await mcp.search("lookup");
      const [server] = await mcp.servers();
      return [Object.keys(match).sort(), Object.keys(server).sort()];`);
    assert.deepEqual(value, [names(declared.interface.McpToolMatch.members), names(declared.interface.McpServerInfo.members)]);
  });
});
