// What deploy/examples and README.md show of configurations: valid, and nothing left out.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));
const examples = join(root, "deploy/examples");

describe("configurations that are shown", () => {
  let folder;
  before(() => (folder = mkdtempSync(join(tmpdir(), "mcpfold-examples-"))));
  after(() => rmSync(folder, { recursive: true, force: true }));

  // `mcpfold check` of this text, with every variable and secret that it names.
  function check(text) {
    const path = join(folder, "config.yaml"), secret = join(folder, "secret");
    const env = { PATH: process.env.PATH, HOME: folder, QUICKSTART_LISTEN: "127.0.0.1:8787", QUICKSTART_SANDBOX: "require" };
    for (const [, name] of text.matchAll(/\$\{([A-Z_]+)\}/g)) env[name] ??= "some-value";
    writeFileSync(secret, "some-secret\n", { mode: 0o600 });
    writeFileSync(path, text.replaceAll(/\$\{file:[^}]*\}/g, `\${file:${secret}}`), { mode: 0o600 });
    return spawnSync(process.env.MCPFOLD_BIN, ["check", "-c", path], { env, encoding: "utf8" });
  }

  function assertValid(text) {
    const { status, stdout, stderr } = check(text);
    assert.equal(status, 0, stdout + stderr);
    assert.match(stdout, /is valid/);
    assert.equal(stderr, "", "no warnings");
  }

  for (const name of readdirSync(examples).filter((file) => file.endsWith(".yaml"))) {
    test(`deploy/examples/${name} is valid`, () => assertValid(readFileSync(join(examples, name), "utf8")));
  }

  test("README.md's is valid", () => {
    const [, block] = /```yaml\n([^]*?)```/.exec(readFileSync(join(root, "README.md"), "utf8"));
    assertValid(block);
  });

  // What an unknown key is told to be one of.
  function keysOf(place, text) {
    const { stderr } = check(text);
    const known = /known here: (.*)/.exec(stderr);
    assert.ok(known, `${place}: ${stderr}`);
    return known[1].split(", ");
  }

  test("full.yaml shows every key", () => {
    const full = readFileSync(join(examples, "full.yaml"), "utf8");
    const places = { top: "nothing: 1", servers: "servers: { a: { nothing: 1 } }" };
    for (const key of ["auth", "limits", "description", "expose", "log", "pool", "store"]) places[key] = `${key}: { nothing: 1 }`;
    places.clients = "clients: { a: { nothing: 1 } }";
    const otherwise = ["mcpServers", "args", "type", "enabled"]; // other ways to say the same
    for (const [place, text] of Object.entries(places)) {
      for (const key of keysOf(place, text).filter((name) => !otherwise.includes(name)))
        assert.match(full, new RegExp(`(^|[\\s{,#])${key}:`, "m"), `${key}, of ${place}`);
    }
  });
});
