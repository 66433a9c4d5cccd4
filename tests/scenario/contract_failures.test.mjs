// The contract of a failure, line by line: its kind, its place in the code as it
// was sent, what helps to mend it, and what had been done.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { contractSession } from "./lib/contract.mjs";

const NOTHING = "\nNothing has run.";

// [name, kind, code, what its text says...]
const failures = [
  // where: the line and column as sent
  ["a type error behind a fence", "TypeCheckError", "```ts\nconst a = 1;\nreturn contract.lookup({ path: a });\n```", /line 3, column 26/, "3 | return contract.lookup({ path: a });", NOTHING],
  ["a thrown error behind a fence", "ScriptError", "Some words.\n```ts\nconst a = 1;\n  throw new Error('x');\n```", /^ScriptError: x\nat line 4, column 9/, "4 |   throw new Error('x');"],
  ["a syntax error behind a fence", "SyntaxError", "```ts\nreturn (1 +\n```", /line 2, column/, NOTHING],
  ["a type error behind an enum", "TypeCheckError", "enum E { A = 1, B }\nconst s: string = E.B;\nreturn s", /line 2, column 7/],
  ["a thrown error behind an enum", "ScriptError", "enum E { A = 1, B }\nnamespace N { export const a = 1; }\nif (E.B > 0) throw new Error('x')", /at line 3, column 20/],
  ["a thrown error on the line of an enum", "ScriptError", "enum E { A = 1, B } if (E.B > 0) throw new Error('x')", /at line 1, column 40/],
  ["a thrown error behind parameter properties", "ScriptError", "class P { constructor(private a: number) {} get x() { return this.a; } } throw new Error('x' + new P(1).x)", /x1\nat line 1, column 80/],
  ["a thrown error behind types", "ScriptError", "const a = <T,>(x: T): T => x; const b = a<number>(1) as unknown as string; throw new Error(typeof b)", /at line 1, column 82/],
  ["a thrown error behind characters of two units", "ScriptError", 'const s = "😀ä"; throw new Error(s)', /at line 1, column 24/],
  ["a thrown error in a function, with its callers", "ScriptError", "function inner() { throw new RangeError('deep'); }\nfunction outer() { inner(); }\nasync () => { outer(); }", /^ScriptError: RangeError: deep\nat line 1, column 26/, /from outer, line 2, column 20/],
  ["an error thrown behind an await", "ScriptError", "await contract.json_array();\nconst x: any = null;\nx.y", /TypeError: [^]*at line 3, column 3/],
  ["an error of JSON.parse", "ScriptError", 'JSON.parse("{")', /SyntaxError: .*JSON[^]*at line 1, column 6/],
  ["an error thrown in a timer", "ScriptError", "setTimeout(() => { throw new Error('late'); }, 1);\nawait new Promise((resolve) => setTimeout(resolve, 50))", /late\nat line 1, column 26/],
  ["a failed call has the place of the call", "ToolError", "const a = 1;\n  await contract.failed_structured({});", /^ToolError: it \nfailed\nat line 2, column 18/, "2 |   await contract.failed_structured({});"],
  ["a cause is told", "ScriptError", "throw new Error('outer', { cause: new TypeError('inner') })", /outer \(cause: TypeError: inner\)/],
  ["an object is thrown", "ScriptError", "throw { reason: 'odd' }", /reason: .*odd/],
  ["undefined is thrown", "ScriptError", "throw undefined", /undefined/],
  // what helps: nearest names, the signature
  ["a misspelt tool", "TypeCheckError", "return contract.lokup({ path: 'x' })", /Did you mean 'lookup'/, "lookup(input: { path: string; deep?: { level: number } })", NOTHING],
  ["a misspelt tool through mcp.call", "UnknownTool", "return mcp.call('contract', 'lokup')", /did you mean contract\.lookup\?/],
  ["a misspelt server", "TypeCheckError", "return contrakt.lookup({ path: 'x' })", /contract/, NOTHING],
  ["a misspelt server through mcp.call", "UnknownServer", "return mcp.call('contrakt', 'lookup')", /the servers are: contract/],
  ["a misspelt argument", "TypeCheckError", "return contract.lookup({ pth: 'x' })", /'pth'/, /signature: contract\.lookup\(input: \{ path: string/],
  ["a missing argument", "TypeCheckError", "return contract.lookup({})", /'path' is missing/, /signature: contract\.lookup/],
  ["an argument of a wrong type, deep inside", "TypeCheckError", "return contract.lookup({ path: 'x', deep: { level: 'high' } })", /line 1, column 45/, /signature: contract\.lookup/],
  ["a wrong use of a result whose type is known", "TypeCheckError", "return (await contract.typed({})).m", /Property 'm' does not exist/, /signature: contract\.typed\([^]*Promise<\{ n: number/],
  ["a failed call has the signature of its tool", "ToolError", "return contract.failed_structured({})", /The tool: .*failed_structured/],
  ["a misspelt tool in brackets", "TypeCheckError", "return contract['lokup']({ path: 'x' } satisfies object)", /Did you mean 'lookup'/, "signature: contract.lookup(input: { path: string; deep?: { level: number } })"],
  ["a member that mcp has not", "TypeCheckError", "return mcp.list()", "mcp has search, describe, servers, call, resources, prompts, open, emit, progress"],
  ["another program's global", "TypeCheckError", "return Bun.file('x')", "Cannot find name 'Bun'. (TS2868)"],
  ["a protocol failure, its code", "ToolError", "return contract.refuse({})", /not today[^]*\nThe server's error code: -32050; data: \{"until":"tomorrow","list":\[1,2\]\}\nThe tool: contract\.refuse/],
  ["a resource that is not there", "ToolError", "return mcp.resources.read(contract, 'other://x')", /no such resource/],
  ["a kept result that is not there", "NotFound", "return mcp.open('mcpfold://results/00000000000000000000000000000000')", /mcpfold:\/\/results/],
  ["arguments that are no object", "ScriptError", "return (contract as any).lookup('x')", /the arguments of contract\.lookup must be one object/],
  ["two arguments", "ScriptError", "return (contract as any).lookup('x', 1)", /the arguments of contract\.lookup must be one object/],
  ["arguments of mcp.call that are no object", "ScriptError", "return mcp.call('contract', 'lookup', ['x'])", /the arguments of mcp\.call must be one object/],
  ["fetch", "TypeCheckError", "return fetch('http://example.invalid')", /no network/, /contract/],
  ["fetch, unchecked", "ScriptError", "return (globalThis as any).fetch('http://example.invalid')", /fetch is not available: .*use the tools of these servers: contract/],
  ["require", "TypeCheckError", "return require('fs')", /modules|not available/],
  ["an import", "SyntaxError", "import fs from 'node:fs';\nreturn fs", /at line 1, column 1/, /import/],
  ["a dynamic import", "", "return import('node:fs')", /import/],
  ["process", "TypeCheckError", "return process.env", /process/],
  ["eval", "", "return eval('1')", /eval|code generation|strings/i],
  ["a decorator", "SyntaxError", "const note = (_: unknown) => {};\n@note class A {}\nreturn A", /decorators are not supported[^]*at line 2, column 1/],
  // what had been done, and whether running again is safe
  ["before any call", "ScriptError", "throw new Error('x')", "No server had been asked for anything: running the code again repeats nothing."],
  ["after calls that only read", "ScriptError", "await contract.json_array(); await contract.json_array(); throw new Error('x')", "- contract.json_array x 2: ok; only reads", "Running the code again repeats only calls that read or may be repeated"],
  ["after a call that may be repeated", "ScriptError", "await contract.put(); throw new Error('x')", "- contract.put: ok; changes something, may be repeated", "repeats only calls that read or may be repeated"],
  ["after a call of unknown effect", "ScriptError", "await contract.unknown_effect(); throw new Error('x')", "- contract.unknown_effect: ok; may change something", "Whether running the code again is safe is not known"],
  ["after a call that changes something", "ScriptError", "await contract.json_array(); await contract.change(); throw new Error('x')", "- contract.change: ok; changes something", "would repeat calls that change something: continue from what was done instead"],
  ["with a call in flight", "ScriptError", "const pending = contract.slow({ ms: 20000 }); await contract.json_array(); throw new Error('x')", "- contract.slow: in flight; changes something", "would repeat calls that change something"],
  ["with console lines", "ScriptError", "console.log('so far'); throw new Error('x')", "Console before it:\nso far\n"],
  ["too many calls, one after the other", "CallLimit", "for (let i = 0; i < 60; i++) await contract.json_array()", /40.*limits\.calls/],
  ["too large an argument", "ArgumentLimit", "return contract.echo({ value: 'x'.repeat(5000000) })", /limits\.argument/],
  ["nothing left to wait for", "NeverSettled", "await new Promise(() => {})", /nothing will settle/],
];

describe("the contract of a failure", () => {
  const at = contractSession({ settings: { limits: { calls: 40 } } });

  for (const [name, kind, code, ...says] of failures) {
    test(name, async () => {
      const { isError, content } = await at.scripts.run(code);
      assert.equal(isError, true, JSON.stringify(content));
      const { text } = content[0];
      assert.ok(text.startsWith(kind), text);
      for (const words of says) {
        if (typeof words === "string") assert.ok(text.includes(words), `not "${words}" in: ${text}`);
        else assert.match(text, words);
      }
      assert.doesNotMatch(text, /\bretry\b|try again/i);
    });
  }

  test("a ToolError has its server, tool, message and content, and can be caught", async () => {
    const value = await at.scripts.value(`
      try {
        await contract.failed_structured({});
        return "not thrown";
      } catch (error) {
        if (!(error instanceof ToolError)) throw error;
        const { name, server, tool, message, content } = error;
        return { name, server, tool, message, content, isError: error instanceof Error, members: ["code" in error, "data" in error] };
      }`);
    assert.deepEqual(value, {
      name: "ToolError", server: "contract", tool: "failed_structured", message: "it \nfailed",
      content: [{ type: "text", text: "it " }, { type: "text", text: "failed" }], isError: true, members: [false, false],
    });
  });

  test("an error without text has its content", async () => {
    const value = await at.scripts.value(`
      return contract.failed_image({}).catch((error: ToolError) => [error.message, error.content[0].type])`);
    assert.deepEqual(value, ["the tool reported an error without a text", "image"]);
  });

  test("a protocol failure has code and data, through each way of calling", async () => {
    const value = await at.scripts.value(`
      const caught = (error: ToolError) => [error instanceof ToolError, error.server, error.tool, error.message, error.code, error.data, error.content];
      return Promise.all([contract.refuse({}).catch(caught), mcp.call("contract", "refuse").catch(caught)]);`);
    for (const fields of value) assert.deepEqual(fields, [true, "contract", "refuse", value[0][3], -32050, { until: "tomorrow", list: [1, 2] }, []]);
    assert.match(value[0][3], /not today/);
  });

  test("the limit of calls says the same whoever notices it", async () => {
    const many = "for (let i = 0; i < 60; i++) await contract.json_array()";
    const all = "await Promise.all(Array.from({ length: 60 }, () => contract.json_array()))";
    const [one, other] = [await at.scripts.failure("CallLimit", many), await at.scripts.failure("CallLimit", all)];
    assert.equal(one.split("\n")[0], other.split("\n")[0]);
  });

  test("a call's own timeout", async () => {
    const text = await at.scripts.failure("ToolTimeout", `return mcp.call("contract", "slow", { ms: 20000 }, { timeout: 50 })`);
    assert.match(text, /did not answer within 50 ms \(the timeout that the call asked for\)/);
    assert.match(text, /- contract\.slow: outcome unknown; changes something/);
  });

  test("an execution over its time tells the call in flight", async () => {
    const { scripts, world } = at;
    const slow = await world.serve({ limits: { wall: "5s" } });
    const { connect, Scripts } = await import("./lib/scripts.mjs");
    const other = new Scripts(await connect(slow));
    const text = await other.failure("TimeLimit", "await contract.slow({ ms: 20000 })");
    assert.match(text, /5000 ms.*limits\.wall[^]*- contract\.slow: in flight; changes something/);
    await other.client.close();
    assert.equal(await scripts.value("return 1"), 1);
  });
});
