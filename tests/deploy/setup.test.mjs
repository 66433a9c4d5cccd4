// What deploy/quickstart says when it can't go on: each time what is wrong and
// how to mend it, at once, with exit code 1.  The machine's apt, dpkg and sudo
// are programs of this test.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));
const NOBODY = 65534;

async function listening() {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  return server;
}

describe("deploy/quickstart on a machine that", () => {
  let folder, port;
  before(async () => {
    const server = await listening();
    ({ port } = server.address());
    await new Promise((resolve) => server.close(resolve));
    folder = mkdtempSync(join(tmpdir(), "mcpfold-setup-"));
    chmodSync(folder, 0o755);
    cpSync(join(root, "deploy"), join(folder, "deploy"), { recursive: true });
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  // A folder of programs, each a shell script, to stand before the machine's own.
  function programs(name, scripts) {
    const bin = join(folder, name);
    mkdirSync(bin);
    for (const [program, text] of Object.entries(scripts)) writeFileSync(join(bin, program), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
    return bin;
  }

  // A machine on which nothing is installed, whose lists of packages are empty.
  const bare = { "dpkg-query": ":", "apt-cache": ":", sudo: 'shift; exec "$@"' };

  function quickstart(args, { bin, uid, interruptWhen } = {}) {
    const deps = mkdtempSync(join(folder, "deps-"));
    chmodSync(deps, 0o777);
    // Not one of the scripts that deploy/test has called, which leave the last word to it.
    const env = { ...process.env, UI_FIRST: "", MCPFOLD_DEPS: deps, PATH: [bin, process.env.PATH].filter(Boolean).join(":") };
    const started = performance.now();
    const child = spawn(join(folder, "deploy/quickstart"), args, { env, detached: true, stdio: ["ignore", "pipe", "pipe"], ...(uid && { uid, gid: uid }) });
    if (interruptWhen) interruptGroup(child, join(deps, interruptWhen));
    const output = { stdout: "", stderr: "" };
    for (const name of ["stdout", "stderr"]) child[name].setEncoding("utf8").on("data", (text) => (output[name] += text));
    return new Promise((resolve) => child.once("close", (code) => resolve({ code, deps, seconds: (performance.now() - started) / 1000, ...output })));
  }

  // As Ctrl-C does, once the file is there: the script and all that it has started.
  function interruptGroup(child, file) {
    const timer = setInterval(() => {
      if (child.exitCode !== null || existsSync(file)) clearInterval(timer);
      if (child.exitCode === null && existsSync(file)) process.kill(-child.pid, "SIGINT");
    }, 50);
  }

  test("has the port taken", async () => {
    const server = await listening();
    const taken = server.address().port;
    const { code, stdout, stderr } = await quickstart(["--port", String(taken)]);
    server.close();
    assert.deepEqual([code, stdout], [1, ""]);
    assert.match(stderr, new RegExp(`port ${taken} +is already in use[^]*choose another port: deploy/quickstart --port ${taken + 1}\n$`));
  });

  for (const [args, says] of [
    [["--port"], /--port needs a number/],
    [["--port", "eighty"], /--port needs a number/],
    [["--port", "65536"], /there is no port 65536/],
    [["--port", "0"], /there is no port 0/],
    [["--twice"], /unknown option --twice\n  Known: --once, --port N, --help/],
  ]) {
    test(`is given ${args.join(" ")}`, async () => {
      const { code, stderr } = await quickstart(args);
      assert.equal(code, 1);
      assert.match(stderr, says);
    });
  }

  test("is asked for help", async () => {
    const { code, stdout } = await quickstart(["--help"]);
    assert.equal(code, 0);
    assert.match(stdout, /deploy\/quickstart \[--once\] \[--port N\]/);
  });

  for (const tool of ["mirror", "lists"]) {
    test(`has no network (${tool === "mirror" ? "and no lists of packages" : "but lists of packages"})`, async () => {
      const failing = 'echo "W: Failed to fetch it  Temporary failure resolving \'deb.example\'"';
      const bin = programs(`offline-${tool}`, {
        ...bare,
        "apt-get": `case "$*" in *update*) ${failing};; *) ${failing} >&2; exit 100;; esac`,
        ...(tool === "lists" && { "apt-cache": 'echo "  Candidate: 1"' }),
      });
      const { code, stderr, stdout } = await quickstart(["--once", "--port", String(port)], { bin });
      assert.equal(code, 1, stdout);
      assert.match(stderr, /mirror could not be reached|network could not be reached/);
      assert.match(stderr, /Check the (network|connection)/);
      assert.doesNotMatch(stderr, /Unable to locate/);
    });
  }

  test("is of a release without the packages", async () => {
    const bin = programs("old", { ...bare, "apt-get": 'echo "E: Unable to locate package cmake" >&2; case "$*" in *install*) exit 100;; esac' });
    const { code, stderr } = await quickstart(["--port", String(port)], { bin });
    assert.equal(code, 1);
    assert.match(stderr, /apt knows no .*cmake.*\n +Debian 12 or later has them, in the component main/);
  });

  test("gives neither root nor sudo", { skip: process.getuid() !== 0 && "needs root, to become somebody who may not" }, async () => {
    const bin = programs("no-sudo", { "dpkg-query": ":", "apt-cache": ":", sudo: 'echo "sudo: a password is required" >&2; exit 1' });
    const { code, stderr, seconds } = await quickstart(["--port", String(port)], { bin, uid: NOBODY });
    assert.equal(code, 1);
    assert.match(stderr, /\d+ are missing, and there is neither root nor a usable sudo here\.\n +Let an administrator install them/);
    assert.match(stderr, /apt-get update && apt-get install --no-install-recommends .*cmake/);
    assert.ok(seconds < 20, `it took ${seconds} s`);
  });

  test("is interrupted in the middle of a step", async () => {
    const bin = programs("interrupted", { ...bare, "apt-get": 'touch "$MCPFOLD_DEPS/begun"; echo "working"; sleep 60' });
    const { code, stderr, seconds } = await quickstart(["--port", String(port)], { bin, interruptWhen: "begun" });
    assert.equal(code, 130);
    assert.match(stderr, /^\n?✗ interrupted +what is done is kept; the same command goes on from here\n$/);
    assert.ok(seconds < 30, `it took ${seconds} s`);
  });

  test("speaks another language", async () => {
    const bin = programs("language", { ...bare, "apt-get": 'echo "$LC_ALL" >"$MCPFOLD_DEPS/language"; exit 100' });
    const { code, deps } = await quickstart(["--port", String(port)], { bin });
    assert.equal(code, 1);
    assert.ok(existsSync(join(deps, "language")));
    assert.equal(readFileSync(join(deps, "language"), "utf8"), "C.UTF-8\n");
  });
});
