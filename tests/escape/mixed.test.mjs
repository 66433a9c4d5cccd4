// 1,000 hostile runs of 16 clients, plain and with native code, beside a normal
// client: it loses nothing, and nothing is left over.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { settles } from "../scenario/lib/processes.mjs";
import { allCases, judge } from "./lib/cases.mjs";
import { Target, outcome } from "./lib/escape.mjs";

const RUNS = 1000;
const CLIENTS = 16;
const ENDED = ["CpuLimit", "TimeLimit"]; // with less time than a case needs
const NORMAL = "const { sum } = await hub.add({ a: input.n, b: 1 }); console.log('n', input.n); return sum";

describe("a normal client beside hostile ones", () => {
  let target;
  before(async () => (target = await Target.start({ worker: "hostile", settings: { limits: { ...Target.limits, cpu: "100ms", wall: "30s", queue_time: "120s" } } })));
  after(() => target.close());

  // The cases over and over; those that wait for the deadline only once.
  function plan() {
    const cases = allCases();
    const waiting = cases.filter(({ sees }) => sees.some((each) => each.startsWith("TimeLimit")));
    const others = cases.filter((each) => !waiting.includes(each));
    return [...Array.from({ length: RUNS - waiting.length }, (_, i) => others[i % others.length]), ...waiting];
  }

  async function attack(scripts, cases) {
    for (let next = cases.pop(); next; next = cases.pop()) judge(next, await scripts.run(next.code), ENDED);
  }

  test(`${RUNS} runs of ${CLIENTS} clients`, async () => {
    const cases = plan();
    const attackers = await Promise.all(Array.from({ length: CLIENTS }, () => target.connect()));
    const normal = await target.connect();
    let done = false;
    let served = 0;
    let longest = 0;
    const attacks = Promise.all(attackers.map((scripts) => attack(scripts, cases))).finally(() => (done = true));
    attacks.catch(() => {}); // looked at below
    while (!done) {
      const from = Date.now();
      const seen = outcome(await normal.run(NORMAL, { n: served }));
      assert.deepEqual(seen, { kind: "value", text: `${served + 1}\nConsole:\nn ${served}` });
      longest = Math.max(longest, Date.now() - from);
      served++;
    }
    await attacks;
    console.log(`${served} normal runs beside ${RUNS} hostile ones; the longest took ${longest} ms`);
    assert.ok(served > CLIENTS);
  });

  test("nothing is left over", async () => {
    const SPARE = 40; // workers kept ready, zygote, compiler, server
    await target.stillWorks();
    await settles("processes", () => target.program.descendants().length, (count) => count <= SPARE);
    assert.equal(target.program.child.exitCode, null);
  });
});
