// What a worker's memory is, seen from outside: the promise of `jit: off`, and
// that nothing is shared between workers.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import { settles } from "../scenario/lib/processes.mjs";
import { Target } from "./lib/escape.mjs";

const CODE_RANGE_BYTES = 32 << 20;

function mappings(pid) {
  return readFileSync(`/proc/${pid}/maps`, "utf8").trim().split("\n").map((line) => {
    const [range, rights, , , , name = ""] = line.split(/\s+/);
    const [from, to] = range.split("-").map((hex) => BigInt(`0x${hex}`));
    return { rights, name, bytes: Number(to - from), line };
  });
}

// A process as it is now; nothing when it ended meanwhile.
function lookAt(pid) {
  try {
    const [status, limits] = ["status", "limits"].map((name) => readFileSync(`/proc/${pid}/${name}`, "utf8"));
    return [{ pid, status, limits, maps: mappings(pid), outOfMemory: Number(readFileSync(`/proc/${pid}/oom_score_adj`)) }];
  } catch {
    return [];
  }
}

// Workers have a number inside of a PID namespace that is not the zygote's, 1; locked down, they
// have no descriptor left to open.
const isWorker = ({ status, limits }) => /^NSpid:\s+\d+\s+([2-9]|\d\d+)$/m.test(status) && /^Max open files\s+1\s/m.test(limits);

// What is not dumpable is the kernel's to look at, and root's.
const skip = process.getuid() !== 0 && "needs root to look into a worker";

for (const jit of ["on", "off"]) {
  describe(`memory of workers, jit ${jit}`, { skip }, () => {
    let target, seen;
    before(async () => {
      target = await Target.start({ jit });
      // One that has run code hot enough to be compiled, and the spare ones.
      const hot = "let n = 0; for (let i = 0; i < 3e5; i++) n = (n * 31 + i) | 0; await new Promise((done) => setTimeout(done, 3000)); return typeof n";
      const running = target.scripts.run(hot);
      const look = () => target.program.descendants().flatMap(lookAt).filter(isWorker);
      seen = await settles("workers", look, (found) => found.length >= 2);
      await running;
    });
    after(() => target.close());

    test("nothing writable is shared", () => {
      for (const { maps } of seen) assert.deepEqual(maps.filter(({ rights }) => rights[1] === "w" && rights[3] === "s"), []);
    });

    test(jit === "on" ? "the code range is all that is writable and executable" : "no anonymous memory is executable", () => {
      for (const { maps } of seen) {
        const both = maps.filter(({ rights }) => rights[1] === "w" && rights[2] === "x");
        const bytes = both.reduce((sum, each) => sum + each.bytes, 0);
        assert.ok(bytes <= (jit === "on" ? CODE_RANGE_BYTES : 0), JSON.stringify(both.map(({ line }) => line)));
        const ofNoFile = maps.filter(({ rights, name }) => rights[2] === "x" && (name === "" || name.startsWith("/memfd:")));
        if (jit === "off") assert.deepEqual(ofNoFile.map(({ line }) => line), []);
      }
    });

    test("the zygote's image of memory is mapped by all, and none can change it", () => {
      for (const { maps } of seen) {
        const image = maps.filter(({ name }) => name.startsWith("/memfd:memory"));
        assert.ok(image.length > 0);
        assert.deepEqual(image.filter(({ rights }) => rights[2] === "x" || rights[3] !== "p").map(({ line }) => line), []);
      }
    });

    test("the kernel ends a worker before all others when memory runs out", () => {
      for (const { outOfMemory } of seen) assert.equal(outOfMemory, 1000);
    });

    test("no worker has a right, a file, a process or a core dump", () => {
      for (const { status, limits } of seen) {
        for (const line of [/^CapEff:\s+0+$/m, /^CapBnd:\s+0+$/m, /^NoNewPrivs:\s+1$/m, /^Seccomp:\s+2$/m]) assert.match(status, line);
        assert.doesNotMatch(status, /^Uid:\s+0\b/m);
        for (const name of ["Max core file size", "Max file size", "Max processes", "Max locked memory"])
          assert.match(limits, new RegExp(`^${name}\\s+0\\s+0\\s`, "m"));
        for (const name of ["Max address space", "Max data size", "Max cpu time"])
          assert.doesNotMatch(limits, new RegExp(`^${name}\\s+\\S+\\s+unlimited`, "m"));
      }
    });
  });
}
