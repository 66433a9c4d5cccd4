// The command line: what each command prints where, and its exit code.
import assert from "node:assert/strict";
import { closeSync, mkdirSync, openSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { mcpfold } from "./lib/command.mjs";
import { World } from "./lib/world.mjs";

const catalogues = fileURLToPath(new URL("../fixtures/catalogues/", import.meta.url));
const catalogue = (name) => join(catalogues, `${name}.json`);

describe("the command line", () => {
  let world, config;
  before(() => {
    world = new World();
    world.servers = { files: world.servers.files, faulty: world.fixture("faulty.mjs") };
    config = world.config();
  });
  after(() => world.close());

  test("--version names what it stands on", async () => {
    const { code, stdout } = await mcpfold(["--version"]);
    assert.equal(code, 0);
    assert.match(stdout, /^mcpfold \d+\.\d+\.\d+\n/);
    for (const part of ["V8 1", "TypeScript 7", "libwebsockets 4", "OpenSSL 3"]) assert.ok(stdout.includes(`\n${part}`), stdout);
    assert.match(stdout, /^libwebsockets [\d.]+$/m);
  });

  test("--help of each command; unknown commands and options", async () => {
    const { code, stdout } = await mcpfold(["--help"]);
    assert.equal(code, 0);
    for (const command of ["serve", "stdio", "run", "types", "check"]) {
      assert.match(stdout, new RegExp(`^  ${command} +\\S`, "m"));
      const help = await mcpfold([command, "--help"]);
      assert.equal(help.code, 0);
      assert.match(help.stdout, new RegExp(`^Usage: mcpfold ${command}[^]*--config=FILE`));
      for (const other of [[command, "-h"], ["help", command]]) assert.deepEqual(await mcpfold(other), help);
    }
    assert.match(stdout, /Exit codes: 0, /);
    const wrong = await mcpfold(["chek"]);
    assert.equal(wrong.code, 2);
    assert.match(wrong.stderr, /did you mean 'check'/);
    assert.equal((await mcpfold(["nope"])).stderr, "mcpfold: there is no command 'nope'; see mcpfold --help\n");
    assert.match((await mcpfold(["help", "rnu"])).stderr, /did you mean 'run'/);
    for (const args of [["run", "--nothing"], ["check", "extra"], ["types", "--client"], ["run", "a", "b"], []]) {
      const { code, stdout: printed, stderr } = await mcpfold(args);
      assert.deepEqual([code, printed], [2, ""]);
      assert.match(stderr, /--help/);
    }
  });

  test("run waits for no server that the script does not name", async () => {
    const servers = { ...world.servers, silent: { command: ["sleep", "1000"] } };
    const slow = world.config({ servers, startup_timeout: "600s" });
    assert.equal((await mcpfold(["run", "-c", slow, "-"], { stdin: "return 6 * 7" })).stdout, "42\n");
    assert.equal((await mcpfold(["run", "-c", slow, "-"], { stdin: `return faulty.echo({ text: "typed" })` })).stdout, "typed\n");
    const short = world.config({ servers, startup_timeout: "1s" });
    const named = await mcpfold(["run", "-c", short, "-"], { stdin: "return silent.echo({})" });
    assert.equal(named.code, 1);
    assert.match(named.stderr, /silent/);
  });

  test("SIGHUP reads nothing again, and says so", async () => {
    const program = await world.serve();
    program.child.kill("SIGHUP");
    await program.event("hang_up_ignored", { message: /restart/ });
    assert.equal((await fetch(new URL("/healthz", program.url))).status, 200);
    assert.deepEqual(await program.stop(), { code: 0, signal: null });
  });

  test("output that can't be written is a failure", async () => {
    const full = openSync("/dev/full", "w");
    const commands = [["--version"], ["run", "-c", config, "-"], ["types", "--catalogue", catalogue("drawio-mcp-server")], ["check", "-c", config]];
    for (const command of commands) {
      const { code, stderr } = await mcpfold(command, { stdin: "return 1", stdoutTo: full });
      assert.equal(code, 1, command.join(" "));
      assert.match(stderr, /could be written to stdout/);
    }
    closeSync(full);
  });

  test("started with a closed stream, it works or says so", async () => {
    const script = join(world.folder, "closed.ts");
    writeFileSync(script, `return await faulty.echo({ text: "fine" })`);
    const without = (closed, file = script) => mcpfold(["run", "-c", config, file], { closed });
    assert.deepEqual(await without(2), { code: 0, signal: null, stdout: "fine\n", stderr: "" });
    assert.equal((await without(0)).stdout, "fine\n");
    assert.match((await without(0, "-")).stderr, /stdin: /);
    const { code, stderr } = await without(1);
    assert.equal(code, 1);
    assert.match(stderr, /could be written to stdout/);
  });

  describe("run", () => {
    const run = (args, options) => mcpfold(["run", "-c", config, ...args], options);

    test("the value goes to stdout, console lines to stderr", async () => {
      const stdin = `console.log("to stderr"); return { listed: (await files.list_allowed_directories({})).content.includes(input) }`;
      const { code, stdout, stderr } = await run(["--input", JSON.stringify(world.folder)], { stdin });
      assert.equal(code, 0, stderr);
      assert.equal(stdout, '{"listed":true}\n');
      assert.match(stderr, /^to stderr$/m);
    });

    test("a string is printed as it is, and nothing for no value", async () => {
      assert.equal((await run(["-"], { stdin: `return "a\\n\\"b\\""` })).stdout, 'a\n"b"\n');
      assert.deepEqual(await run(["-"], { stdin: "const a = 1;" }), { code: 0, signal: null, stdout: "", stderr: "" });
    });

    test("a script in a file, TypeScript in full", async () => {
      const path = join(world.folder, "script.ts");
      writeFileSync(path, "enum Colour { Red = 3 }\ninterface Box<T> { value: T }\nconst box: Box<number> = { value: Colour.Red };\nexport default async () => box.value satisfies number;\n");
      assert.equal((await run([path])).stdout, "3\n");
    });

    test("a failure is rendered on stderr, and the exit code is 1", async () => {
      const { code, stdout, stderr } = await run([], { stdin: "const a = 1;\nthrow new Error('too bad')" });
      assert.equal(code, 1);
      assert.equal(stdout, "");
      assert.match(stderr, /^ScriptError: too bad\nat line 2, column 7:/m);
    });

    test("--json prints one object, also of a failure", async () => {
      const good = await run(["--json", "--input", "[1,2.50]"], { stdin: `console.warn("w"); await faulty.echo({ text: "x" }); return input` });
      assert.equal(good.code, 0);
      const { duration_ms, ...rest } = JSON.parse(good.stdout);
      assert.ok(duration_ms >= 0);
      assert.deepEqual(rest, { ok: true, value: [1, 2.5], logs: [{ level: "warn", text: "w" }], calls: 1 });
      const bad = await run(["--json"], { stdin: `await faulty.refuse({})` });
      assert.equal(bad.code, 1);
      const { ok, error, calls } = JSON.parse(bad.stdout);
      assert.deepEqual([ok, error.kind, calls], [false, "ToolError", 1]);
    });

    test("what can't be read is told", async () => {
      for (const [args, says] of [
        [["--input", "{bad"], /--input: not JSON at byte 1/],
        [[join(world.folder, "nothing.ts")], /nothing\.ts: No such file/],
      ]) {
        const { code, stdout, stderr } = await run(args);
        assert.deepEqual([code, stdout], [1, ""]);
        assert.match(stderr, says);
      }
    });

    test("the configuration is found where it is documented", async () => {
      const home = join(world.folder, "home");
      mkdirSync(join(home, "mcpfold"), { recursive: true });
      writeFileSync(join(home, "mcpfold", "config.yaml"), "servers: {}\n");
      writeFileSync(join(home, "mcpfold.yaml"), "servers: { broken: {} }\n");
      const start = (options) => mcpfold(["run", "-"], { stdin: "return (await mcp.servers()).length", ...options });
      assert.equal((await start({ cwd: world.folder, env: { MCPFOLD_CONFIG: config } })).stdout, "2\n");
      assert.match((await start({ cwd: home, env: { MCPFOLD_CONFIG: "" } })).stderr, /mcpfold\.yaml:1:\d+: .*broken/);
      assert.equal((await start({ cwd: world.folder, env: { MCPFOLD_CONFIG: "", XDG_CONFIG_HOME: home } })).stdout, "0\n");
    });
  });

  describe("types", () => {
    const declared = (stdout) => stdout.match(/\): Promise</g)?.length ?? 0;

    test("declares each tool of each saved catalogue", async () => {
      writeFileSync(join(world.folder, "none.json"), JSON.stringify({ server: "none", tools: [] }));
      const prelude = declared((await mcpfold(["types", "--catalogue", join(world.folder, "none.json")])).stdout);
      for (const file of readdirSync(catalogues).filter((name) => name.endsWith(".json"))) {
        const { tools } = JSON.parse(readFileSync(join(catalogues, file), "utf8"));
        const { code, stdout, stderr } = await mcpfold(["types", "--catalogue", join(catalogues, file)]);
        assert.equal(code, 0, stderr);
        assert.equal(declared(stdout) - prelude, tools.length, basename(file));
      }
    });

    test("--server leaves the others out", async () => {
      const both = ["types", "--catalogue", catalogue("drawio-mcp-server"), catalogue("howtocook-mcp")];
      const all = (await mcpfold(both)).stdout;
      const names = [...all.matchAll(/^declare const (\w+): (\w+);$/gm)].filter(([, name, type]) => name.toLowerCase() === type.toLowerCase()).map(([, name]) => name);
      assert.equal(names.length, 2);
      const { stdout } = await mcpfold([...both, "--server", names[1]]);
      assert.ok(stdout.includes(`declare const ${names[1]}:`) && !stdout.includes(`declare const ${names[0]}:`));
      const { code, stderr } = await mcpfold([...both, "--server", "nobody"]);
      assert.equal(code, 1);
      assert.match(stderr, /no server 'nobody'/);
    });

    test("--description, and made for what a client keeps", async () => {
      const description = ["types", "--catalogue", catalogue("notionhq__notion-mcp-server"), "--description"];
      const whole = (await mcpfold(description)).stdout;
      assert.match(whole, /- notion: 24 tools[^]*COMPLETE[^]*API_post_search/);
      assert.equal((await mcpfold(description)).stdout, whole, "it is deterministic");
      const { stdout } = await mcpfold([...description, "--client", "claude-code"]);
      assert.ok(stdout.length <= 2048, `${stdout.length} characters`);
      assert.match(stdout, /PARTIAL: 0 of 24 tools[^]*names only: [^]*API_post_search/);
      assert.match((await mcpfold([...description, "--client", "nobody"])).stderr, /known are: .*claude-code/);
    });

    test("of the configured servers, by connecting to them", async () => {
      const { code, stdout } = await mcpfold(["types", "-c", config, "--server", "files"]);
      assert.equal(code, 0);
      assert.match(stdout, /interface Files \{[^]*read_text_file\(input: \{ path: string[^]*declare const files: Files;/);
      assert.ok(!stdout.includes("declare const faulty"));
    });

    test("a file that is no catalogue is named", async () => {
      const { code, stderr } = await mcpfold(["types", "--catalogue", config]);
      assert.equal(code, 1);
      assert.ok(stderr.includes(config), stderr);
    });
  });

  describe("check", () => {
    test("a valid configuration", async () => {
      const { code, stdout } = await mcpfold(["check", "-c", config]);
      assert.equal(code, 0);
      assert.match(stdout, /is valid\nengine +V8 [^]*sandbox +in force: [^]*compiler +TypeScript 7\.[\d.]+\n +kept from files, network and processes\nservers +2 configured\n/);
    });

    test("a compiler that can't be started, and one that isn't used", async () => {
      const folder = join(world.folder, "no-compiler");
      mkdirSync(folder);
      writeFileSync(join(folder, "tsc"), "not a program", { mode: 0o755 });
      const { code, stdout } = await mcpfold(["check", "-c", config], { env: { MCPFOLD_TYPESCRIPT_DIR: folder } });
      assert.equal(code, 1);
      assert.match(stdout, /^compiler +failed: cannot start '.*no-compiler\/tsc'/m);
      const off = await mcpfold(["check", "-c", world.config({ typecheck: "off" })]);
      assert.equal(off.code, 0);
      assert.match(off.stdout, /^compiler +not used \(typecheck: off\)$/m);
    });

    test("--connect tells of each server, and fails when one is down", async () => {
      const good = await mcpfold(["check", "--connect", "-c", config]);
      assert.equal(good.code, 0, good.stdout);
      assert.match(good.stdout, /^ +files +ready +legacy 2025-11-25 +14 tools +\d+ ms$/m);
      world.servers.modern = world.fixture("modern.mjs");
      world.servers.dead = world.fixture("faulty.mjs", "exits");
      world.servers.nowhere = { command: ["no-such-program"] };
      world.servers.off = { url: "http://127.0.0.1:9/mcp", disabled: true };
      const { code, stdout } = await mcpfold(["check", "--connect", "-c", world.config()]);
      assert.equal(code, 1);
      assert.match(stdout, /^ +files +ready /m);
      assert.match(stdout, /^ +modern +ready +modern 2026-07-28 +5 tools/m);
      assert.match(stdout, /^ +dead +down +.*status 7/m);
      assert.match(stdout, /^ +nowhere +down +.*no-such-program/m);
      assert.match(stdout, /^ +off +disabled$/m);
    });

    test("--connect names tools of expose.tools that there are not", async () => {
      const { files } = world.servers;
      const path = world.config({ servers: { files }, expose: { tools: ["files.read_text_file", "files.nothing"] } });
      const { code, stdout } = await mcpfold(["check", "--connect", "-c", path]);
      assert.equal(code, 1);
      assert.match(stdout, /^expose\.tools\n +files\.nothing +its server has no such tool$/m);
      assert.doesNotMatch(stdout, /read_text_file/);
    });

    // text, the place, what is said
    const wrong = [
      ["server:\n  a: {}\n", "1:1", /unknown key 'server'; did you mean 'servers'/],
      ["servers:\n  a: { command: x, comand: y }\n", "2:20", /unknown key 'comand' in servers\.a; did you mean 'command'/],
      ["limits: { wall: 5 parsecs }\n", "1:17", /limits\.wall is '5 parsecs'; write a time with its unit/],
      ["servers:\n  a: [\n", "3:1", /not valid YAML/],
      ["servers:\n  a: { url: 'http://x/${NO_SUCH_VARIABLE}' }\n", "2:13", /NO_SUCH_VARIABLE is not set/],
      ["listen: 0.0.0.0:8787\n", "", /auth/],
    ];
    for (const [text, place, says] of wrong) {
      test(`says what is wrong: ${JSON.stringify(text)}`, async () => {
        const path = join(world.folder, "wrong.yaml");
        writeFileSync(path, text);
        for (const command of ["check", "serve"]) {
          const { code, stdout, stderr } = await mcpfold([command, "-c", path]);
          assert.deepEqual([code, stdout], [1, ""]);
          assert.match(stderr, says);
          if (place) assert.ok(stderr.startsWith(`mcpfold: ${path}:${place}: `), stderr);
        }
      });
    }
  });
});
