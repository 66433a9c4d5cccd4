// What the scenarios share: the program under test, real servers for it, and
// a sample task over three of them.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { inspect } from "node:util";
import { checkRecords, faults, tapPort } from "./tap.mjs";

const require = createRequire(import.meta.url);
export const binary = process.env.MCPFOLD_BIN;
export const node = process.env.MCPFOLD_NODE ?? process.execPath;
export const fixtures = fileURLToPath(new URL("../../fixtures/servers/", import.meta.url));

// Settings of every program of a run: MCPFOLD_TEST_JIT=off runs the scenarios without code generation.
const everywhere = process.env.MCPFOLD_TEST_JIT ? { jit: process.env.MCPFOLD_TEST_JIT } : {};

assert.ok(binary, "MCPFOLD_BIN must name the program under test (deploy/test sets it)");

// Programs that are started without a folder for their store must not use the developer's own.
const state = mkdtempSync(join(tmpdir(), "mcpfold-state-"));
process.env.XDG_STATE_HOME = state;
process.on("exit", () => rmSync(state, { recursive: true, force: true }));

// The program of a server's package; some don't export their manifest.
function packaged(name) {
  const manifest = require.resolve.paths(name).map((folder) => join(folder, name, "package.json")).find(existsSync);
  const { bin } = JSON.parse(readFileSync(manifest, "utf8"));
  return join(dirname(manifest), typeof bin === "string" ? bin : Object.values(bin)[0]);
}

// A folder of its own for one test, and the servers and files in it.  `isRecorded`: what servers are
// sent is checked at the end.
export class World {
  constructor({ isRecorded = true } = {}) {
    this.isRecorded = isRecorded;
    this.folder = mkdtempSync(join(tmpdir(), "mcpfold-scenario-"));
    this.children = [];
    writeFileSync(join(this.folder, "one.txt"), "1");
    writeFileSync(join(this.folder, "two.txt"), "22");
    this.servers = {
      files: this.official("server-filesystem", this.folder),
      memory: { ...this.official("server-memory"), env: { MEMORY_FILE_PATH: join(this.folder, "memory.jsonl") } },
      everything: this.official("server-everything", "stdio"),
    };
  }

  fixture(name, ...args) {
    return { command: [node, join(fixtures, name), ...args] };
  }

  fromNpm(name, ...args) {
    return { command: [node, packaged(name), ...args] };
  }

  official(name, ...args) {
    return this.fromNpm(`@modelcontextprotocol/${name}`, ...args);
  }

  // A fixture that serves HTTP on a port of its own choice; resolves to the port.
  async serveFixture(name, ...args) {
    const env = { ...process.env, MCPFOLD_RECORD: this.folder };
    const preloaded = this.isRecorded ? ["--import", join(fixtures, "record.mjs")] : [];
    const child = spawn(node, [...preloaded, join(fixtures, name), "http", ...args], { stdio: ["ignore", "pipe", "pipe"], env });
    const program = new Program(child);
    this.children.push(program);
    const line = await program.find(program.lines, (text) => text.startsWith("listening "), "listening fixture");
    return Number(line.split(" ")[1]);
  }

  // Servers that write down what they are sent.
  recorded(servers) {
    const env = { NODE_OPTIONS: `--import=${join(fixtures, "record.mjs")}`, MCPFOLD_RECORD: this.folder };
    const withRecord = ([name, server]) => [name, server.command?.[0] === node ? { ...server, env: { ...env, ...server.env } } : server];
    return Object.fromEntries(Object.entries(servers).map(withRecord));
  }

  // Writes a configuration and returns its path.  YAML reads JSON.
  config(settings = {}) {
    const servers = this.recorded(settings.servers ?? this.servers);
    const path = join(this.folder, `config-${Math.random().toString(36).slice(2)}.yaml`);
    writeFileSync(path, JSON.stringify({ listen: "127.0.0.1:0", log: { level: "info" }, startup_timeout: "60s", store: { path: join(this.folder, "state") }, ...everywhere, ...settings, servers }));
    return path;
  }

  // `mcpfold serve`, once it listens; `env` beside our own environment.
  async serve(settings, env = {}) {
    const child = spawn(binary, ["serve", "-c", this.config(settings)], { stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, ...env } });
    const program = new Program(child);
    this.children.push(program);
    const { port } = await program.event("listening");
    program.port = port;
    tapPort(port);
    program.url = new URL(`http://127.0.0.1:${port}/mcp`);
    return program;
  }

  // The command line of `mcpfold stdio`, for a client that starts it itself.
  stdio(settings) {
    return { command: binary, args: ["stdio", "-c", this.config(settings)] };
  }

  // `mcpfold stdio` with pipes of ours.
  startStdio(settings) {
    const { command, args } = this.stdio(settings);
    const program = new Program(spawn(command, args, { stdio: ["pipe", "pipe", "pipe"] }));
    this.children.push(program);
    return program;
  }

  // What its servers have been sent until now, a message a line.
  sent() {
    const records = readdirSync(this.folder).filter((name) => name.endsWith(".wire"));
    return records.flatMap((name) => readFileSync(join(this.folder, name), "utf8").split("\n"));
  }

  async close() {
    for (const program of this.children) await program.stop();
    checkRecords(this.folder);
    rmSync(this.folder, { recursive: true, force: true });
    assert.deepEqual([...faults].slice(0, 5), [], "messages that are not valid in their revision");
  }
}

// A running mcpfold: its log as events, its stdout as lines.
export class Program {
  constructor(child) {
    this.child = child;
    this.log = [];
    this.lines = [];
    this.waiters = [];
    this.ended = new Promise((resolve) => child.once("exit", (code, signal) => resolve({ code, signal })));
    this.ended.then(() => this.wake());
    eachLine(child.stderr, (line) => this.take(this.log, parse(line)));
    if (child.stdout) eachLine(child.stdout, (line) => this.take(this.lines, line));
  }

  take(list, item) {
    list.push(item);
    this.wake();
  }

  wake() {
    for (const waiter of this.waiters.splice(0)) waiter();
  }

  // The first item of a list for which `test` holds, now or within the time.
  async find(list, test, what, timeout = 60_000) {
    const end = Date.now() + timeout;
    for (;;) {
      const found = list.find(test);
      if (found !== undefined) return found;
      if (this.child.exitCode !== null || Date.now() > end) {
        assert.fail(`no ${what}; log: ${JSON.stringify(this.log.slice(-20))} stdout: ${this.lines.slice(-5)}`);
      }
      await Promise.race([new Promise((resolve) => this.waiters.push(resolve)), sleep(200)]);
    }
  }

  // An event of the log with these fields (a field may be a pattern), not among
  // the first `from` of the log.
  event(name, fields = {}, from = 0) {
    const same = ([key, value], event) => (value instanceof RegExp ? value.test(event[key]) : event[key] === value);
    const matches = (event, index) => index >= from && event.event === name && Object.entries(fields).every((field) => same(field, event));
    return this.find(this.log, matches, `event ${name} ${inspect(fields)}`);
  }

  // The message on stdout with this id.
  async answer(id) {
    return JSON.parse(await this.find(this.lines, (line) => JSON.parse(line).id === id, `answer ${id}`));
  }

  send(message) {
    this.child.stdin.write(JSON.stringify({ jsonrpc: "2.0", ...message }) + "\n");
  }

  // Process ids of all that it has started, and what these have.
  descendants() {
    return descendants(this.child.pid);
  }

  async stop() {
    if (this.child.exitCode === null && this.child.signalCode === null) this.child.kill("SIGTERM");
    return await this.ended;
  }
}

function parse(line) {
  try {
    return JSON.parse(line);
  } catch {
    return { event: "not JSON", line };
  }
}

function eachLine(stream, take) {
  let rest = "";
  stream.setEncoding("utf8");
  stream.on("data", (chunk) => {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop();
    lines.forEach(take);
  });
}

export function descendants(root) {
  const parents = new Map();
  for (const entry of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    try {
      const fields = readFileSync(`/proc/${entry}/stat`, "utf8").replace(/^.*\) /s, "").split(" ");
      parents.set(Number(entry), Number(fields[1]));
    } catch {
      continue; // it ended meanwhile
    }
  }
  const found = [root];
  for (const pid of found) {
    for (const [child, parent] of parents) if (parent === pid) found.push(child);
  }
  return found.slice(1);
}

export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

// Calls three servers, two of them at the same time, and computes one value of all.
export function sampleScript(folder) {
  return `
    const [listing, sum] = await Promise.all([
      files.list_directory({ path: ${JSON.stringify(folder)} }),
      everything.get_sum({ a: 19, b: 23 }),
    ]);
    const texts = (listing.content.match(/\\.txt/g) ?? []).length;
    const total = Number(/is (\\d+)/.exec(sum)?.[1]);
    await memory.create_entities({ entities: [{ name: "total", entityType: "number", observations: [String(total)] }] });
    const graph = await memory.read_graph({});
    return { texts, total, kept: graph.entities.some((entity) => entity.name === "total") };`;
}
export const sampleValue = { texts: 2, total: 42, kept: true };

// The value that a result of execute_code holds.
export function valueOf(result) {
  assert.equal(result.isError, false, JSON.stringify(result.content));
  return JSON.parse(result.content[0].text);
}
