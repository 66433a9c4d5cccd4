// What `cmake --install` puts in place runs by itself: moved to another place,
// with the source, the build and the dependencies out of sight.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));
const deps = process.env.MCPFOLD_DEPS ?? join(root, ".deps");

// An empty file system over each folder, for this command alone, which then runs as an ordinary user.
const mounts = 'until [ "$1" = -- ]; do mkdir -p "$1" && mount -t tmpfs tmpfs "$1" || exit; shift; done; shift; exec unshare --user --map-user=1000 --map-group=1000 "$@"';
const hide = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", mounts, "sh", root, deps, "--"];

describe("an installed mcpfold", () => {
  let folder, program;
  const run = (args, input = "") => {
    const env = { HOME: folder, PATH: "/usr/bin:/bin" };
    return execFileSync(hide[0], [...hide.slice(1), program, ...args], { cwd: folder, env, input, encoding: "utf8", stdio: ["pipe", "pipe", "pipe"] });
  };

  before(() => {
    folder = mkdtempSync(join(tmpdir(), "mcpfold-install-"));
    execFileSync("cmake", ["--install", join(root, "build"), "--prefix", join(folder, "first"), "--strip"], { stdio: "pipe" });
    mkdirSync(join(folder, "second"));
    renameSync(join(folder, "first"), join(folder, "second/place"));
    program = join(folder, "second/place/bin/mcpfold");
    writeFileSync(join(folder, "mcpfold.yaml"), "{}\n");
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  test("sees no source", () => {
    const listing = execFileSync(hide[0], [...hide.slice(1), "ls", root, deps], { encoding: "utf8" });
    assert.doesNotMatch(listing, /proxy|v8/);
  });

  test("names its parts", () => assert.match(run(["--version"]), /^mcpfold [^]*\nV8 1[^]*\nTypeScript 7/));

  test("checks and runs a script", () => {
    assert.equal(run(["run", "-"], "enum E { A = 7 } const x: number = 6; return x * E.A"), "42\n");
    assert.throws(() => run(["run", "-"], `const x: number = "a"; return x`), ({ status, stderr }) => status === 1 && /TypeCheckError/.test(stderr));
  });

  test("has its sandbox and its declarations", () => {
    assert.match(run(["check"]), /sandbox +in force: .*worker-filter/);
    assert.match(run(["types"]), /declare class ToolError/);
  });
});
