// The TypeScript compiler, which reads what models wrote: what it could reach
// if a text made it do more than check.  tests/unit/proxy/check/compiler_barrier_test.c
// tries the calls themselves.
import assert from "node:assert/strict";
import { readFileSync, readdirSync, readlinkSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import { commandLine, settles } from "../scenario/lib/processes.mjs";
import { Target, outcome } from "./lib/escape.mjs";

describe("the compiler's barrier", () => {
  let target, pid;
  before(async () => {
    target = await Target.start({ settings: { typecheck: "error" } });
    assert.equal(await target.scripts.value("const n: number = 2; return n"), 2);
    const look = () => target.program.descendants().filter((each) => commandLine(each).includes("--api"));
    [pid] = await settles("the compiler", look, (found) => found.length === 1);
  });
  after(() => target.close());

  test("filter, no new privileges, nothing of the proxy's environment", () => {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    for (const line of [/^NoNewPrivs:\s+1$/m, /^Seccomp:\s+2$/m]) assert.match(status, line);
    assert.doesNotMatch(readFileSync(`/proc/${pid}/environ`, "utf8"), /SECRET|PATH|HOME/);
  });

  test("no descriptor but its pipes and what it waits with", () => {
    const open = readdirSync(`/proc/${pid}/fd`).map((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`));
    assert.deepEqual(open.filter((name) => !/^pipe:|^anon_inode:\[event(poll|fd)\]$|^\/dev\/null$/.test(name)), []);
  });

  for (const code of ['/// <reference path="/etc/passwd" />\nreturn 1', '/// <reference types="/etc/passwd" />\nreturn 1', 'import x from "/etc/passwd";\nreturn x', 'import type { A } from "/proc/self/environ";\nlet a: A; return 1', 'type A = typeof import("/etc/passwd"); return 1'])
    test(`no file of the machine comes into a check: ${JSON.stringify(code)}`, async () => {
      const { text } = outcome(await target.scripts.run(code));
      assert.doesNotMatch(text, /root:|:\/bin\/|SECRET/);
      assert.equal(await target.scripts.value("return 1"), 1);
    });
});
