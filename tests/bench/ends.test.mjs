// However the benchmark ends, nothing that it wrote or started is left.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { allGone, settles } from "../scenario/lib/processes.mjs";
import { descendants } from "./proxy.mjs";

const main = fileURLToPath(new URL("main.mjs", import.meta.url));

describe("the benchmark", () => {
  let folder;
  before(() => (folder = mkdtempSync(join(tmpdir(), "mcpfold-ends-"))));
  after(() => rmSync(folder, { recursive: true, force: true }));
  afterEach(() => assert.deepEqual(written(), []));

  const written = () => readdirSync(folder).filter((name) => name.startsWith("mcpfold-bench-"));

  function start(seconds) {
    return spawn(process.execPath, [main, "--only", "return_1", "--seconds", seconds], { stdio: "ignore", env: { ...process.env, TMPDIR: folder } });
  }

  test("ends by itself", async () => {
    assert.deepEqual(await once(start("0.1"), "exit"), [0, null]);
  });

  for (const [signal, code] of [["SIGINT", 130], ["SIGTERM", 143], ["SIGHUP", 129]]) {
    test(`is ended by ${signal}`, async () => {
      const child = start("600");
      const started = await settles("processes", () => descendants(child.pid).slice(1), (pids) => pids.length > 0 && written().length > 0);
      child.kill(signal);
      assert.deepEqual(await once(child, "exit"), [code, null]);
      await allGone(started);
    });
  }
});
