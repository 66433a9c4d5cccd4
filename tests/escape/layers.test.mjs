// Layers that the system refuses are told by name, and are fatal or not as
// configured; root and an ordinary user have the same walls.
import assert from "node:assert/strict";
import { chmodSync, cpSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, describe, test } from "node:test";
import { run } from "./lib/run.mjs";
import { here } from "./lib/escape.mjs";
import { binary } from "../scenario/lib/world.mjs";

const ALL = [...readFileSync(join(here, "..", "..", "isolate", "sandbox_layers.def"), "utf8").matchAll(/^LAYER\(\w+, "([\w-]+)"/gm)].map(([, name]) => name);
const OF_ROOT = "unused-user";
const NOBODY = 65534;
// Linux's own way to take namespaces away from a program: a user namespace that may have none.
const WITHOUT = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", 'echo 0 >/proc/sys/user/max_user_namespaces; exec "$@"', "sh"];
const refusing = run([...WITHOUT, "true"]).code !== 0 && "no user namespace can be made here";
const root = process.getuid() === 0;

describe("layers of the sandbox", () => {
  // A copy that any user can run: the build may lie where only its owner may look.
  let folder, program;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "mcpfold-layers-"));
    chmodSync(folder, 0o755);
    const build = dirname(realpathSync(binary));
    for (const name of ["mcpfold", "mcpfold-isolate", "lib"]) cpSync(join(build, name), join(folder, name), { recursive: true, dereference: true });
    program = join(folder, "mcpfold");
    for (const sandbox of ["require", "best-effort"])
      writeFileSync(join(folder, `${sandbox}.yaml`), JSON.stringify({ listen: "127.0.0.1:0", typecheck: "off", servers: {}, sandbox }));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  // `mcpfold check` with this setting, maybe under another program or user.
  function check(sandbox, { before: prefix = [], uid } = {}) {
    return run([...prefix, program, "check", "-c", join(folder, `${sandbox}.yaml`)], uid);
  }

  function assertAllInForce({ code, stdout, stderr }, layers) {
    assert.equal(code, 0, stdout + stderr);
    for (const layer of layers) assert.match(stdout, new RegExp(`\\b${layer}\\b`), `${layer} is not told: ${stdout}`);
    assert.doesNotMatch(stdout, /refused/, stdout);
  }

  test("all are in force, and told by name", () => assertAllInForce(check("require"), ALL.filter((layer) => root || layer !== OF_ROOT)));

  test("an ordinary user has all but the one that only root needs", { skip: !root && "needs root to become another" }, () =>
    assertAllInForce(check("require", { uid: NOBODY }), ALL.filter((layer) => layer !== OF_ROOT)));

  test("`require` does not start without namespaces, and says which", { skip: refusing }, () => {
    const from = Date.now();
    const { code, stdout, stderr } = check("require", { before: WITHOUT });
    assert.ok(Date.now() - from < 9_000, "it was told when it was known");
    assert.notEqual(code, 0, stdout);
    assert.match(stdout + stderr, /user-namespace/);
    assert.match(stdout + stderr, /sandbox: require/);
  });

  test("`best-effort` starts, and says which are missing", { skip: refusing }, () => {
    const { code, stdout, stderr } = check("best-effort", { before: WITHOUT });
    assert.equal(code, 0, stdout + stderr);
    assert.match(stdout + stderr, /user-namespace/);
    assert.match(stdout, /worker-filter/);
  });
});
