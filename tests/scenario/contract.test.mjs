// The contract of a script, line by line: which forms of code are taken, which
// globals there are, what a tool call returns, what the result's text is.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { contractSession } from "./lib/contract.mjs";

// name: [code, value]
const forms = {
  "statements with return": ["const a = 1;\nreturn { a };", { a: 1 }],
  "statements with await": [`const text = await contract.json_array();\nreturn text.length`, 2],
  "a last expression": ["const a = 20;\na + 22", 42],
  "a last expression that is awaited": ["await contract.json_array()", [1, "2"]],
  "a last expression that is an object": [`({ a: [1] })`, { a: [1] }],
  "a last call that returns a promise": ["contract.json_array()", [1, "2"]],
  "an expression behind a comment": ["// first\n[1, 2] // last\n", [1, 2]],
  "an arrow": ["() => 5", 5],
  "an async arrow with a body": ["async () => {\n  return await contract.json_array();\n}", [1, "2"]],
  "an arrow that takes the input": ["async (given) => [given ?? null]", [null]],
  "a function run that is called as well": ["async function run() { await contract.change(); }\nawait run();\nreturn [1]", [1]],
  "an export of a function by its name": ["export default main;\nasync function main() { return [5]; }", [5]],
  "a last assignment": ["let x;\nx = [5]", [5]],
  "an object that stands alone": ["{ a: 1 }", { a: 1 }],
  "a type import": ["import type { A } from 'x';\nreturn [1]", [1]],
  "using": ["let seen = 0;\n{ using x = { [Symbol.dispose]() { seen++; } }; }\nreturn [seen]", [1]],
  "a variable with the name of a global": ["const input = 1, fetch = 2, name = 3, status = 4, process = 5, mcp = 6;\nreturn [input, fetch, name, status, process, mcp]", [1, 2, 3, 4, 5, 6]],
  "a byte order mark and a hashbang": ["\ufeff#!/usr/bin/env node\nreturn [1]", [1]],
  "an arrow in parentheses": ["(async () => [3])", [3]],
  "an arrow that is called": ["(async () => [3])()", [3]],
  "an async function": ["async function work() { return [4]; }", [4]],
  "a function without a name": ["(function () { return [4]; })", [4]],
  "export default of a function": ["export default async function () { return [5]; }", [5]],
  "export default of an arrow": ["export default async () => [6];", [6]],
  "export default of a value": ["export default { a: 7 };", { a: 7 }],
  "a function run": ["async function run() { return [8]; }", [8]],
  "a function main behind others": ["const double = (n: number) => n * 2;\nfunction main() { return [double(4.5)]; }", [9]],
  "a constant run": ["const run = async () => [10];", [10]],
  "an exported function": ["export async function main() { return [11]; }", [11]],
  "a fence": ["```ts\nreturn [1]\n```", [1]],
  "a fence with another word": ["```typescript\nreturn [1]\n```\n", [1]],
  "a fence without a word": ["```\nreturn [1]\n```", [1]],
  "a fence with text around it": ["Here is the code:\n\n```js\nreturn [1]\n```\nIt returns one.", [1]],
  "two fences": ["First:\n```ts\nconst a = 1;\n```\nthen:\n```ts\nreturn [a + 1]\n```\nwhich gives:\n```json\n[2]\n```", [2]],
  "two fences without a word": ["```\nconst a = 1;\n```\nthen:\n```\nreturn [a + 1]\n```", [2]],
  "a fence that is not closed": ["```ts\nreturn [1]", [1]],
  "a fence of tildes": ["~~~js\nreturn [1]\n~~~", [1]],
  "an enum": ["enum Color { Red, Green = 5, Blue }\nreturn [Color.Blue, Color[5]]", [6, "Green"]],
  "an enum of strings": [`const enum Word { A = "x" }\nreturn [Word.A]`, ["x"]],
  "generics": ["function first<T extends { id: number }>(all: readonly T[]): T | undefined { return all[0]; }\nreturn first<{ id: number }>([{ id: 3 }])!.id", 3],
  "satisfies": [`const table = { a: 1 } satisfies Record<string, number>;\nreturn table.a`, 1],
  "as, non-null, types and interfaces": ["interface A { a?: number }\ntype B = A & { b: string };\nconst x = { a: 1, b: 'b' } as B;\nreturn x.a! + 1", 2],
  "a class with modifiers": ["class Box<T> { constructor(private readonly held: T) {}\n  get value(): T { return this.held; } }\nreturn new Box(3).value", 3],
  "a namespace": ["namespace N { export const a = 1; }\nreturn N.a", 1],
  "overloads": ["function f(a: string): string;\nfunction f(a: number): number;\nfunction f(a: any) { return a; }\nreturn f(2)", 2],
  "no semicolons": ["const a = [1]\nconst b = 2\nreturn [...a, b]", [1, 2]],
  "lines that end as on Windows": ["const a = 1;\r\nreturn a;\r\n", 1],
  "a for await": ["async function* g() { yield 1; yield 2; }\nconst all = [];\nfor await (const n of g()) all.push(n);\nreturn all", [1, 2]],
};

// [name, code, value]: what each global does
const globals = [
  ["input", "return input.list[1]", 2, { list: [1, 2] }],
  ["input that was not sent", "return [typeof input]", ["undefined"]],
  ["input null", "return [input]", [null], null],
  ["a tool by its raw name", `return contract["arguments"]({ a: 1 })`, { args: { a: 1 } }],
  ["a tool without arguments", "return contract.arguments_()", { args: {} }],
  ["mcp.search", `const [first] = await mcp.search("lookup", { limit: 1 });\nreturn [first.path, first.signature]`,
    ["contract.lookup", "contract.lookup(input: { path: string; deep?: { level: number } }): Promise<any>"]],
  ["mcp.search, a limit", `return (await mcp.search("answers", { limit: 3 })).length`, 3],
  ["mcp.search, nothing found", `return mcp.search("zzzzqqqq")`, []],
  ["mcp.describe of a tool", `return [/Answers: lookup\\. A second sentence\\./.test(await mcp.describe("contract.lookup"))]`, [true]],
  ["mcp.describe of a server", `const text = await mcp.describe("contract");\nreturn ["lookup", "echo", "arguments_"].every((name) => text.includes(name))`, true],
  ["mcp.servers", `return (await mcp.servers()).map(({ description, ...rest }) => rest)`,
    [{ name: "contract", identifier: "contract", title: "Contract fixture", tools: 24, resources: 1, templates: 1, prompts: 1, state: "ready", problem: null }]],
  ["mcp.call", `return mcp.call("contract", "structured", {})`, { content: [{ type: "text", text: "not this" }], structuredContent: { a: 1, big: 12345678901234567000 } }],
  ["mcp.call with the object of a server", `return (await mcp.call(contract, "json_number")).content`, [{ type: "text", text: "17" }]],
  ["mcp.call of a tool that reports an error", `return (await mcp.call("contract", "failed_structured")).isError`, true],
  ["mcp.resources", "return mcp.resources(contract)", [{ uri: "test://note", name: "note", mimeType: "text/plain" }]],
  ["mcp.resources of all", "return mcp.resources()", [{ uri: "test://note", name: "note", mimeType: "text/plain", server: "contract" }]],
  ["mcp.resources.templates", `return mcp.resources.templates("contract")`, [{ uriTemplate: "test://note/{n}", name: "numbered" }]],
  ["mcp.resources.read", `return (await mcp.resources.read(contract, "test://note/3")).contents[0].text`, "the text of test://note/3"],
  ["mcp.prompts", `return (await mcp.prompts("contract"))[0].name`, "greet"],
  ["mcp.prompts.get", `return (await mcp.prompts.get("contract", "greet", { who: "Ada" })).messages[0].content.text`, "Greet Ada."],
  ["setTimeout", "return await new Promise((resolve) => setTimeout((a: number, b: number) => resolve(a + b), 5, 1, 2))", 3],
  ["setInterval", "let n = 0;\nawait new Promise<void>((done) => { const timer = setInterval(() => { if (++n === 3) { clearInterval(timer); done(); } }, 1); });\nreturn n", 3],
  ["clearTimeout", "let ran = false;\nconst timer = setTimeout(() => { ran = true; }, 1);\nclearTimeout(timer);\nawait new Promise((resolve) => setTimeout(resolve, 10));\nreturn [ran]", [false]],
  ["queueMicrotask and setImmediate", "const seen: string[] = [];\nsetImmediate(() => seen.push('immediate'));\nqueueMicrotask(() => seen.push('microtask'));\nawait new Promise((resolve) => setTimeout(resolve, 5));\nreturn seen", ["microtask", "immediate"]],
  ["structuredClone", "const a = { d: new Date(0), m: new Map([[1, { x: 2 }]]) };\nconst b = structuredClone(a);\nreturn [b !== a, b.d.getTime(), b.m.get(1)!.x]", [true, 0, 2]],
  ["TextEncoder and TextDecoder", `return [[...new TextEncoder().encode("ä😀")], new TextDecoder().decode(new Uint8Array([0xe2, 0x82, 0xac]))]`, [[195, 164, 240, 159, 152, 128], "€"]],
  ["URL", `const url = new URL("../c?x=1#f", "https://user@example.com:8443/a/b/");\nurl.searchParams.append("y", "ä b");\nreturn [url.href, url.port, url.searchParams.get("x")]`,
    ["https://user@example.com:8443/a/c?x=1&y=%C3%A4+b#f", "8443", "1"]],
  ["atob and btoa", `return [btoa("hello"), atob("aGVsbG8=")]`, ["aGVsbG8=", "hello"]],
  ["crypto", "return [/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(crypto.randomUUID()), crypto.getRandomValues(new Uint8Array(8)).length]", [true, 8]],
  ["AbortController", "const stop = new AbortController();\nconst seen: string[] = [];\nstop.signal.addEventListener('abort', () => seen.push('heard'));\nstop.abort();\nreturn [stop.signal.aborted, seen[0]]", [true, "heard"]],
  ["performance", "const start = performance.now();\nawait new Promise((resolve) => setTimeout(resolve, 20));\nreturn performance.now() - start > 15", true],
  ["Math.random, Date", "return [Math.random() !== Math.random(), new Date().getFullYear() > 2024]", [true, true]],
  ["Intl", `return [new Intl.NumberFormat("de-DE").format(1234.5)]`, ["1.234,5"]],
];

// tool: what its call returns in a script
const returned = {
  structured: { a: 1, big: 12345678901234567000 },
  typed: { n: 1.5 },
  json_object: { a: [1, 2.5] },
  json_array: [1, "2"],
  json_number: "17",
  json_string: '"quoted"',
  broken_json: '{"a":',
  two_texts: "one\ntwo",
  two_texts_json: [1, 2],
  empty_text: "",
  nothing: [],
};

// [code, text]: the text of the result, exactly
const texts = [
  [`return "as it is: \\"ä\\"\\n😀"`, 'as it is: "ä"\n😀'],
  [`return ""`, ""],
  ["return 1.50", "1.5"],
  ["return true", "true"],
  ["return null", "null"],
  ["return undefined", "(the script returned no value)"],
  ["const a = 1;", "(the script returned no value)"],
  ["", "(the script returned no value)"],
  ["return [1, undefined, { a: undefined, b: null }]", '[1,null,{"b":null}]'],
  ["return { n: NaN, i: -Infinity, big: 123n, s: Symbol('x') }", '{"n":"NaN","i":"-Infinity","big":"123","s":"Symbol(x)"}'],
  ["return NaN", "NaN"],
  ["return 12345678901234567890n", "12345678901234567890"],
  ["return () => { throw 1; }", "[Function]"],
  ["return { f: function named() {} }", '{"f":"[Function: named]"}'],
  ["return { d: new Date(0), r: /a/g, m: new Map([['k', 1]]), p: new Map([[1, 2]]), s: new Set([1]), t: new Uint8Array([1, 2]) }",
    '{"d":"1970-01-01T00:00:00.000Z","r":"/a/g","m":{"k":1},"p":[[1,2]],"s":[1],"t":[1,2]}'],
  ["const a: any = {}; a.self = a; return a", '{"self":"[Circular]"}'],
  ["return { get a() { throw new Error('no'); }, b: 1 }", '{"a":"[Throws Error: no]","b":1}'],
  ["return { p: Promise.resolve(1) }", '{"p":"[Promise: await it]"}'],
  ["return { toJSON: () => 'by toJSON' }", "by toJSON"],
  ["return new Error('as a value')", '{"name":"Error","message":"as a value"}'],
  [`console.log("a", { b: [1] }); console.warn("w"); console.error("e"); console.info("i"); console.debug("d"); return "v"`,
    "v\nConsole:\na { b: [1] }\n[warn] w\n[error] e\ni\n[debug] d"],
  ["console.log(contract, mcp.describe)", "(the script returned no value)\nConsole:\n[Server: contract] [Function: describe]"],
  [`console.log("only")`, "(the script returned no value)\nConsole:\nonly"],
];

describe("the contract of a script", () => {
  const at = contractSession({ settings: { typecheck: "error" } });

  for (const [name, [code, value]] of Object.entries(forms)) {
    test(`form: ${name}`, async () => assert.deepEqual(await at.scripts.value(code), value));
  }

  for (const [name, code, value, input] of globals) {
    test(`global: ${name}`, async () => {
      const text = await at.scripts.text(code, input);
      if (typeof value === "string") assert.equal(text, value);
      else assert.deepEqual(JSON.parse(text), value);
    });
  }

  for (const [tool, value] of Object.entries(returned)) {
    test(`a call returns: ${tool}`, async () => assert.deepEqual(await at.scripts.value(`return { value: await contract.${tool}({}) }`), { value }));
  }

  for (const [code, text] of texts) {
    test(`text of: ${code}`, async () => assert.equal(await at.scripts.text(code), text));
  }

  test("a function that is found and called by the script runs once", async () => {
    for (const call of ["main()", "await main();", "main().catch(console.error)", "main().then(console.log)", ""]) {
      const { _meta } = await at.scripts.run(`async function main() { await contract.change(); }\n${call}`);
      assert.equal(_meta["mcpfold/run"].calls.length, 1, call);
    }
  });

  test("a call returns the blocks when there are others than text", async () => {
    const mixed = await at.scripts.value("return contract.mixed({})");
    assert.deepEqual(mixed.map(({ type }) => type), ["text", "image", "audio", "resource", "resource_link"]);
    assert.equal(mixed[3].resource.text, "embedded");
    const [image] = await at.scripts.value("return contract.only_image({})");
    assert.equal(image.mimeType, "image/png");
  });

  test("mcp.emit puts each kind of block behind the text, in order", async () => {
    const { content } = await at.scripts.run(`
      mcp.emit("plain");
      for (const block of await contract.mixed({})) mcp.emit(block);
      return "the value";`);
    assert.deepEqual(content.map(({ type }) => type), ["text", "text", "text", "image", "audio", "resource", "resource_link"]);
    assert.equal(content[0].text, "the value");
    assert.equal(content[1].text, "plain");
    assert.equal(content[5].resource.text, "embedded");
    assert.equal(content[6].uri, "test://linked");
  });

  for (const block of ["5", "{ type: 'video' }", "{}", "null", "() => 1"]) {
    test(`mcp.emit refuses ${block}`, async () => assert.match(await at.scripts.failure("ScriptError", `mcp.emit(${block})`), /TypeError: mcp\.emit takes a string or a content block/));
  }

  test("a block that its kind does not allow is left out, and the text says so", async () => {
    const { content, isError } = await at.scripts.run(`mcp.emit({ type: "image", data: 5 }); return "v"`);
    assert.equal(isError, false);
    assert.equal(content.length, 1);
    assert.match(content[0].text, /^v\nmcp\.emit: a block was left out: /);
  });

  test("calls that nobody awaited are told", async () => {
    const text = await at.scripts.text("const pending = contract.slow({ ms: 5000 }); return typeof pending");
    assert.match(text, /^object\nNote: 1 call was not awaited and cut off/);
  });

  test("structuredContent is not sent, the run and its ledger are in _meta", async () => {
    const result = await at.scripts.run("await contract.change({}); return { a: 1 }");
    assert.equal(result.structuredContent, undefined);
    const { run, calls, timings } = result._meta["mcpfold/run"];
    assert.match(run, /^\S{8,}$/);
    assert.deepEqual(calls.map(({ op, server, tool, outcome, effect }) => [op, server, tool, outcome, effect]), [["tool", "contract", "change", "ok", "changes"]]);
    assert.equal(typeof timings, "object");
  });

  test("nothing outlives an execution", async () => {
    await at.scripts.run("(globalThis as any).left = 1; (Array.prototype as any).left = 2; (contract as any); return 1");
    assert.deepEqual(await at.scripts.value("return [typeof (globalThis as any).left, typeof ([] as any).left]"), ["undefined", "undefined"]);
  });

  test("progress of a tool reaches the client that asked for progress", async () => {
    const told = [];
    await at.scripts.run("return contract.steps({})", undefined, { onprogress: ({ progress, message }) => told.push([progress, message]) });
    assert.deepEqual(told.map(([, message]) => message), ["contract.steps: part 1 (1 of 3)", "contract.steps: part 2 (2 of 3)", "contract.steps: part 3 (3 of 3)"]);
    assert.deepEqual(told.map(([progress]) => progress), [...new Set(told.map(([progress]) => progress))].sort((a, b) => a - b));
  });
});
