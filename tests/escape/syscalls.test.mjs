// System calls of native code in a worker: every row of worker/attacks.def, and
// every number there is.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { constants } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { Target, here, layers, outcome } from "./lib/escape.mjs";

const X32 = 0x40000000;
const NUMBERS = 512; // more than any kernel has in one row
// The kernel's own trampolines for traced functions: it lets them pass any filter
// and fails or ends whoever else calls them.
const TRAMPOLINES = process.arch === "x64" ? [335, 336] : [];

// The rows of attacks.def; those of another architecture are left out.
function attacks() {
  const text = readFileSync(join(here, "worker", "attacks.def"), "utf8");
  const own = process.arch === "x64" ? text : text.replace(/^#ifdef __x86_64__$[^]*?^#endif$/m, "");
  return [...own.matchAll(/^ATTACK\((\w+), (\w+), "([\w-]+)", (.*)\)$/gm)].map(([, name, outcome, layer]) => ({ name, outcome, layer }));
}

function judge({ name, outcome: wanted }, { kind, text }) {
  if (wanted === "KILLED") {
    assert.equal(kind, "WorkerCrash", `${name}: ${text}`);
    assert.match(text, /sandbox stopped the worker: a system call that is not permitted/, name);
  } else {
    assert.equal(kind, "value", `${name}: ${text}`);
    assert.equal(Number(text), wanted === "OK" ? 0 : -constants.errno[wanted], name);
  }
}

for (const jit of ["on", "off"]) {
  describe(`native code in a worker, jit ${jit}`, () => {
    let target;
    before(async () => (target = await Target.start({ jit, worker: "hostile" })));
    after(() => target.close());

    for (const attack of attacks()) {
      test(`${attack.name}: ${attack.outcome} by ${attack.layer}`, async () => {
        assert.ok(layers().has(attack.layer), `no layer "${attack.layer}"`);
        judge(attack, outcome(await target.scripts.run(`return hostile.attack("${attack.name}")`)));
        await target.stillWorks();
      });
    }

    // With arguments that are all zero: what is permitted does nothing then.
    test("every number is killed unless sandbox_calls.def has it", async () => {
      const listed = await target.scripts.value("return hostile.listed()");
      const survivors = [];
      const tryOne = async (number) => {
        const { kind, text } = outcome(await target.scripts.run(`return hostile.call(${number})`));
        if (kind !== "WorkerCrash" || !text.includes("sandbox stopped")) survivors.push(number);
      };
      const bases = process.arch === "x64" && jit === "on" ? [0, X32] : [0];
      const numbers = bases.flatMap((base) => [...Array(NUMBERS).keys()].map((number) => base + number));
      for (let at = 0; at < numbers.length; at += 8) await Promise.all(numbers.slice(at, at + 8).map(tryOne));
      assert.ok(survivors.length > 10, `only ${survivors}`);
      assert.deepEqual(survivors.filter((number) => !listed.includes(number) && !TRAMPOLINES.includes(number)), []);
      await target.stillWorks();
    });
  });
}
