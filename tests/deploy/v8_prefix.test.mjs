// deploy/v8-prefix takes nothing that is not signed: an archive made and signed
// here is taken whole, and each altered copy of it is refused with the reason,
// while the prefix that was there stays.
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { appendFileSync, copyFileSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));
const SUITE = "forky";
const run = (program, ...args) => execFileSync(program, args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
const sha256 = (path) => createHash("sha256").update(readFileSync(path)).digest("hex");

describe("the archive that V8 comes from", () => {
  const architecture = run("dpkg", "--print-architecture").trim();
  let folder, archive, deps;
  const dist = (of) => join(of, "dists", SUITE);
  const index = (of) => join(dist(of), "main", `binary-${architecture}`, "Packages");
  const packageFile = (of) => join(of, "pool", "libnode999.deb");

  const gpg = (home, ...args) => run("gpg", "--homedir", join(folder, home), "--batch", "--quiet", ...args);

  function makeKey(home) {
    mkdirSync(join(folder, home), { mode: 0o700 });
    gpg(home, "--pinentry-mode", "loopback", "--passphrase", "", "--quick-generate-key", `${home} <${home}@example.invalid>`, "rsa2048", "sign", "never");
    gpg(home, "--output", join(folder, `${home}.gpg`), "--export");
  }

  // A package of a few files of this machine under the names that are looked for.
  function makePackage(name, files) {
    const tree = join(folder, name);
    mkdirSync(join(tree, "DEBIAN"), { recursive: true });
    writeFileSync(join(tree, "DEBIAN", "control"), `Package: ${name}\nVersion: 1\nArchitecture: ${architecture}\nMaintainer: nobody\nDescription: a test\n`);
    for (const [path, source] of Object.entries(files)) {
      mkdirSync(join(tree, path, ".."), { recursive: true });
      if (source.startsWith("/")) copyFileSync(source, join(tree, path));
      else writeFileSync(join(tree, path), source);
    }
    run("dpkg-deb", "--root-owner-group", "-b", tree, join(archive, "pool", `${name}.deb`));
  }

  const entry = (of, file) => `${run("dpkg-deb", "-f", join(of, "pool", file)).trim()}\nFilename: pool/${file}\nSize: ${readFileSync(join(of, "pool", file)).length}\nSHA256: ${sha256(join(of, "pool", file))}\n`;

  function writeIndex(of) {
    mkdirSync(join(index(of), ".."), { recursive: true });
    writeFileSync(index(of), readdirSync(join(of, "pool")).sort().map((file) => entry(of, file)).join("\n"));
  }

  function writeRelease(of) {
    const path = `main/binary-${architecture}/Packages`, size = readFileSync(index(of)).length;
    writeFileSync(join(dist(of), "Release"), `Origin: Test\nSuite: ${SUITE}\nCodename: ${SUITE}\nDate: ${new Date().toUTCString()}\nArchitectures: ${architecture}\nComponents: main\nSHA256:\n ${sha256(index(of))} ${size} ${path}\n`);
  }

  function sign(of, home) {
    rmSync(join(dist(of), "InRelease"), { force: true });
    gpg(home, "--clearsign", "--output", join(dist(of), "InRelease"), join(dist(of), "Release"));
    rmSync(join(dist(of), "Release"));
  }

  before(() => {
    folder = mkdtempSync(join(tmpdir(), "mcpfold-archive-"));
    archive = join(folder, "archive");
    deps = join(folder, "deps");
    mkdirSync(join(archive, "pool"), { recursive: true });
    for (const home of ["signer", "stranger"]) makeKey(home);
    const loaded = run("ldd", "/bin/true");
    const [loader] = /\/\S*ld-linux\S*/.exec(loaded), [, libc] = /libc\.so\.6 => (\S+)/.exec(loaded);
    makePackage("libnode999", { [`lib/${loader.split("/").at(-1)}`]: loader, "usr/lib/libc.so.6": libc, "usr/lib/libnode.so.999": libc });
    const version = "#define V8_MAJOR_VERSION 1\n#define V8_MINOR_VERSION 2\n#define V8_BUILD_NUMBER 3\n#define V8_PATCH_LEVEL 4\n";
    makePackage("libnode-dev", { "usr/include/node/v8-version.h": version, "usr/include/node/libplatform/a.h": "", "usr/include/node/cppgc/a.h": "" });
    writeIndex(archive);
    writeRelease(archive);
    sign(archive, "signer");
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  function prefix(mirror) {
    const env = { ...process.env, MCPFOLD_DEPS: deps, MCPFOLD_V8_SUITE: SUITE, MCPFOLD_DEBIAN_MIRROR: `copy:${mirror}`, MCPFOLD_DEBIAN_KEYRING: join(folder, "signer.gpg"), NO_COLOR: "1" };
    const { status, stdout, stderr } = spawnSync(join(root, "deploy", "v8-prefix"), { env, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
    return { status, output: stdout + stderr };
  }

  test("what is signed is taken", () => {
    const { status, output } = prefix(archive);
    assert.equal(status, 0, output);
    assert.match(output, /V8 +1\.2\.3\.4 \(Debian forky, libnode\.so\.999\)/);
    assert.match(readFileSync(join(deps, "v8", "MANIFEST"), "utf8"), /^libnode-dev 1 [0-9a-f]{64}\nlibnode999 1 [0-9a-f]{64}\n$/);
  });

  const alterations = {
    "a package with a byte more": (copy) => appendFileSync(packageFile(copy), "x"),
    "a package with another byte": (copy) => {
      const bytes = readFileSync(packageFile(copy));
      bytes[bytes.length - 20] ^= 1;
      writeFileSync(packageFile(copy), bytes);
    },
    "an index for another package": (copy) => {
      appendFileSync(packageFile(copy), "x");
      writeIndex(copy);
    },
    "a release with another hash under the old signature": (copy) => {
      const path = join(dist(copy), "InRelease");
      writeFileSync(path, readFileSync(path, "utf8").replace("Origin: Test", "Origin: Fest"));
    },
    "a release that a stranger signed": (copy) => {
      writeRelease(copy);
      sign(copy, "stranger");
    },
    "a release that nobody signed": (copy) => {
      writeRelease(copy);
      rmSync(join(dist(copy), "InRelease"));
    },
  };
  for (const [name, alter] of Object.entries(alterations)) {
    test(`refused: ${name}`, () => {
      const copy = join(folder, name.replaceAll(" ", "-"));
      cpSync(archive, copy, { recursive: true });
      alter(copy);
      rmSync(join(deps, ".stamps"), { recursive: true, force: true }); // as if it were to be made anew
      const before = readFileSync(join(deps, "v8", "MANIFEST"), "utf8");
      const { status, output } = prefix(copy);
      assert.notEqual(status, 0, output);
      assert.match(output, /V8 +refused Debian forky: what the mirror has is not what Debian signed \(/);
      assert.match(output, /no suite could be had/);
      assert.equal(readFileSync(join(deps, "v8", "MANIFEST"), "utf8"), before);
      assert.ok(!existsSync(join(deps, ".stamps", "v8")));
      assert.deepEqual(readdirSync(deps).filter((entry) => entry.startsWith("v8-work")), []);
    });
  }
});
