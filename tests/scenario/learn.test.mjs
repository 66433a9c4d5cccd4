// Output shapes learned from replies: who sees them, when, and what they must never do.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { after, before, describe, test } from "node:test";
import { Scripts, connect } from "./lib/scripts.mjs";
import { World, binary } from "./lib/world.mjs";

const LEARNED = { id: 7, title: "secret-title", tags: ["a"], owner: { login: "someone", seat: null }, counts: { total: 3 } };
const OBSERVED = /Observed<\{ id: number; title: string; tags: string\[\]; owner: \{ login: string; seat: null \}; counts: \{ total: number \} \}>/;

// A folder, a fixture without output schemas, and programs over them one after another.
class Learning {
  constructor() {
    this.world = new World();
    this.world.servers = { contract: this.world.fixture("contract.mjs") };
  }

  // Runs `use(scripts, client, program)` against a program of its own.
  async with(settings, use) {
    const program = await this.world.serve(settings);
    const client = await connect(program);
    try {
      return await use(new Scripts(client), client, program);
    } finally {
      await client.close();
      await program.stop();
    }
  }

  config(settings) {
    return this.world.config({ log: { level: "error" }, ...settings });
  }
}

const descriptionOf = async (client) => (await client.listTools()).tools[0].description;
const echo = (scripts, value) => scripts.value("return contract.echo({ value: input })", value);
const described = (scripts, path = "contract.echo") => scripts.text(`return mcp.describe(${JSON.stringify(path)})`);

describe("learned outputs", () => {
  let learning;
  before(() => {
    learning = new Learning();
  });
  after(() => learning.world.close());

  test("mcp.describe tells them at once, the description from the next start on", async () => {
    await learning.with({}, async (scripts, client) => {
      const first = await descriptionOf(client);
      assert.match(first, /echo\(input: \{ value: any \}\): Promise<any>;/);
      assert.deepEqual(await echo(scripts, LEARNED), LEARNED);
      const text = await described(scripts);
      assert.match(text, /@observed from 1 reply: the output below is what was seen, not promised; what was not in all is optional, other properties may be read/);
      assert.match(text, /owner: \{\n\s+login: string;\n\s+seat: null;/);
      assert.equal(await descriptionOf(client), first, "prompt caches depend on it");
      const { owner, ...rest } = LEARNED;
      await echo(scripts, rest);
      assert.match(await described(scripts), /@observed from 2 replies[^]*owner\?: \{/);
    });
    await learning.with({}, async (scripts, client) => {
      const description = await descriptionOf(client);
      assert.match(description, /Observed<\{ id: number; title: string; tags: string\[\]; owner\?: \{ login: string; seat: null \}; counts: \{ total: number \} \}>/);
      assert.equal(await descriptionOf(client), description);
    });
    const types = execFileSync(binary, ["types", "-c", learning.config(), "--description"], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
    assert.match(types, /Observed<\{ id: number;/);
  });

  test("no value of a reply is kept", () => {
    const stored = readFileSync(join(learning.world.folder, "state", "mcpfold.db"), "latin1");
    assert.ok(stored.includes("login"));
    for (const value of ["secret-title", "someone"]) assert.ok(!stored.includes(value), value);
  });

  test("failures, whole results and declared outputs teach nothing", async () => {
    await learning.with({ store: { path: join(learning.world.folder, "other") } }, async (scripts) => {
      await scripts.failure("ToolError", "return contract.failed_structured()");
      await scripts.value(`return mcp.call("contract", "json_object", {})`);
      await scripts.value("return contract.typed()");
      for (const name of ["failed_structured", "json_object", "typed"]) assert.doesNotMatch(await described(scripts, `contract.${name}`), /bserved/, name);
      await scripts.value("return contract.json_object()");
      assert.match(await described(scripts, "contract.json_object"), /Promise<Observed<\{\n\s+a: number\[\];\n\s+\}>>/);
    });
  });

  test("with learn_outputs off nothing is learned or told", async () => {
    await learning.with({ learn_outputs: false }, async (scripts, client) => {
      await echo(scripts, LEARNED);
      assert.doesNotMatch(await described(scripts), /bserved/);
      assert.doesNotMatch(await descriptionOf(client), /Observed/);
    });
  });

  test("a store that can't be used is told once, and what is learned lives in memory", async () => {
    await learning.with({ store: { path: "/dev/null/state" } }, async (scripts, client, program) => {
      const event = await program.event("memory_only", { folder: "/dev/null/state" });
      assert.equal(event.level, "warn");
      assert.match(event.message, /\/dev\/null/);
      assert.match(event.mend, /store\.path/);
      await echo(scripts, LEARNED);
      assert.match(await described(scripts), /@observed from 1 reply/);
      assert.equal(program.log.filter(({ event }) => event === "memory_only").length, 1);
    });
  });

  test("the documentation with observed outputs compiles by itself", async () => {
    const text = execFileSync(binary, ["types", "-c", learning.config(), "--documentation"], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
    assert.ok(text.includes("Observed<{"));
    const file = join(learning.world.folder, "all.d.ts");
    writeFileSync(file, text);
    const tsc = join(dirname(binary), "lib", "mcpfold", "typescript", "tsc");
    execFileSync(tsc, ["--noEmit", "--strict", "--target", "esnext", "--lib", "esnext", "--types", "", file], { encoding: "utf8" });
  });
});

// Right code for replies other than those that were seen: none of it may fail to compile, and each
// gives what it says.  `input` is what the tool answers.
const right = [
  ["a name that was never seen", "const r = await contract.echo({ value: input }); return r.never_seen", { never_seen: 1 }, 1],
  ["a chain through names that were never seen", "const r = await contract.echo({ value: input }); return r.x.y[0].z.length", { x: { y: [{ z: "abc" }] } }, 3],
  ["a chain through what was null", "const r = await contract.echo({ value: input }); return r.owner.seat.number + 1", { owner: { seat: { number: 1 } } }, 2],
  ["optional chaining", "const r = await contract.echo({ value: input }); return r?.owner?.boss?.name ?? 'none'", LEARNED, "none"],
  ["what was not always there, used as if it were", "const { maybe } = await contract.echo({ value: input }); return maybe.toUpperCase()", { maybe: "x" }, "X"],
  ["destructuring with defaults and a rest", "const { id, nothing = 5, ...rest } = await contract.echo({ value: input }); return [id, nothing, Object.keys(rest).length]", LEARNED, [7, 5, 4]],
  ["iterating a list where an object was seen", "let n = 0; for (const x of await contract.echo({ value: input })) n += x.size; return n", [{ size: 1 }, { size: 2 }], 3],
  ["array methods where an object was seen", "const r = await contract.echo({ value: input }); return r.map((x) => x.id).filter(Boolean)", [{ id: 1 }, { id: 0 }], [1]],
  ["an array where elements were others", "const r = await contract.echo({ value: input }); return r.tags.map((t) => t.name)", { tags: [{ name: "n" }] }, ["n"]],
  ["comparing with another kind", "const r = await contract.echo({ value: input }); return r.id === 'x' || r.title === 5", { id: "x" }, true],
  ["arithmetic on what was a string", "const r = await contract.echo({ value: input }); return r.title * 2 - r.id", { title: 5, id: 1 }, 9],
  ["narrowing by kinds that were never seen", "const r = await contract.echo({ value: input }); return typeof r.id === 'string' ? r.id.trim() : Array.isArray(r.id) ? r.id.length : r.id.deep", { id: [1, 2] }, 2],
  ["a string where an object was seen", "const r = await contract.echo({ value: input }); return typeof r === 'string' ? r.split(' ').length : 0", "two words", 2],
  ["an annotation of one's own", "interface Issue { number: number; labels: string[] } const r: Issue[] = await contract.echo({ value: input }); return r[0].labels.join()", [{ number: 1, labels: ["a", "b"] }], "a,b"],
  ["a generic helper and an assertion", "const first = <T,>(list: T[]): T => list[0]; const r = (await contract.echo({ value: input })) as { n: number }[]; return first(r).n", [{ n: 4 }], 4],
  ["keys of a map", "const r = await contract.echo({ value: input }); return Object.entries(r).map(([key, value]) => `${key}=${(value as any).n}`)", { a: { n: 1 } }, ["a=1"]],
  ["writing into a reply", "const r = await contract.echo({ value: input }); r.id = 'changed'; r.tags.push(1); r.added = {}; return r.tags", LEARNED, ["a", 1]],
  ["in and delete", "const r = await contract.echo({ value: input }); delete r.id; return 'id' in r || 'title' in r", LEARNED, true],
  ["reduce over unions", "const r = await contract.echo({ value: input }); return r.reduce((sum, x) => sum + (x.n ?? 0), 0)", [{ n: 1 }, {}, { n: 2 }], 3],
  ["a switch over a kind field", "const r = await contract.echo({ value: input }); switch (r.counts.total) { case 'many': return 1; case 3: return 2; default: return 3 }", LEARNED, 2],
];

describe("right code for other replies than those that were seen", () => {
  const at = {};
  before(async () => {
    at.learning = new Learning();
    await at.learning.with({}, async (scripts) => {
      await echo(scripts, LEARNED);
    });
    at.program = await at.learning.world.serve();
    at.scripts = new Scripts(await connect(at.program));
  });
  after(async () => {
    await at.scripts?.client.close();
    await at.learning.world.close();
  });

  test("the shape is declared", async () => {
    assert.match(await descriptionOf(at.scripts.client), OBSERVED);
  });

  for (const [name, code, reply, value] of right) {
    const answer = () => (typeof value === "string" ? at.scripts.text(code, reply) : at.scripts.value(code, reply));
    test(name, async () => assert.deepEqual(await answer(), value));
  }

  test("what was not in all replies must be looked for", async () => {
    const { owner, ...rest } = LEARNED;
    const world = new Learning();
    try {
      await world.with({}, async (scripts) => {
        await echo(scripts, LEARNED);
        await echo(scripts, rest);
      });
      await world.with({}, async (scripts) => {
        const use = (expression) => `const r = await contract.echo({ value: input });\nreturn ${expression}`;
        const failure = await scripts.failure("TypeCheckError", use("r.owner.login"), LEARNED);
        assert.match(failure, /'r\.owner' is possibly 'undefined'[^]*it was not in all replies seen so far/);
        assert.equal(await scripts.text(use("r.owner?.login ?? 'none'"), LEARNED), owner.login);
        assert.equal(await scripts.text(use("r.owner!.login"), LEARNED), owner.login);
        assert.equal(await scripts.text(use("typeof r === 'string' ? r.trim() : 'other'"), " a "), "a");
      });
      const types = execFileSync(binary, ["types", "-c", world.config()], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
      assert.match(types, /echo\(input: \{ value: any \}\): Promise<Observed<[^\n]*owner\?: \{ login: string; seat: null \};/);
    } finally {
      await world.world.close();
    }
  });

  test("a missing await is still found", async () => {
    await at.scripts.failure("TypeCheckError", "const r = contract.echo({ value: 1 }); return r.id");
  });
});
