// A mcpfold serve process of the benchmark's own.
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RawClient } from "./raw_client.mjs";

export async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

// What is written and started goes when the benchmark ends, however it ends.
let folder;
let configs = 0;
const running = new Set();
process.on("exit", () => {
  for (const child of running) child.kill("SIGTERM");
  if (folder) rmSync(folder, { recursive: true, force: true });
});
for (const [signal, number] of [["SIGHUP", 1], ["SIGINT", 2], ["SIGTERM", 15]]) process.on(signal, () => process.exit(128 + number));

// A configuration file with these contents.
export function writeConfig(content) {
  folder ??= mkdtempSync(join(tmpdir(), "mcpfold-bench-"));
  const file = join(folder, `${configs++}.yaml`);
  writeFileSync(file, JSON.stringify({ log: { level: "warn" }, ...content }));
  return file;
}

export class Proxy {
  // Put before the command line: a program that gives it another priority.
  static prefix = [];

  // `servers` as under `servers:` in a configuration.
  static async start(servers, settings = {}, stderr = "inherit") {
    const port = await freePort();
    const config = writeConfig({ listen: `127.0.0.1:${port}`, servers, ...settings });
    const [command, ...args] = [...Proxy.prefix, process.env.MCPFOLD_BIN, "serve", "-c", config];
    return new Proxy(port, spawn(command, args, { stdio: ["ignore", "ignore", stderr] }));
  }

  constructor(port, child) {
    this.port = port;
    this.child = child;
    running.add(child);
    this.ended = new Promise((resolve) => child.once("exit", resolve));
    this.ended.then(() => running.delete(child));
  }

  // A client, once the proxy answers.
  async client(timeout = 20_000) {
    const end = performance.now() + timeout;
    for (;;) {
      const client = new RawClient(this.port);
      try {
        return await client.connect();
      } catch (error) {
        client.close();
        if (this.child.exitCode !== null || performance.now() > end) throw error;
        await new Promise((resolve) => setTimeout(resolve, 2));
      }
    }
  }

  memory() {
    return memoryBelow(this.child.pid);
  }

  async stop() {
    this.child.kill("SIGTERM");
    await this.ended;
  }
}

// Proportional set size of a process and all below it in MiB, by the name of the program.
export function memoryBelow(root) {
  const names = new Map();
  for (const pid of descendants(root)) {
    const found = memoryOf(pid);
    if (found) names.set(found.name, (names.get(found.name) ?? 0) + found.mib);
  }
  return Object.fromEntries(names);
}

// Of a process that ended meanwhile, as workers do all the time: nothing.
function memoryOf(pid) {
  try {
    const name = readFileSync(`/proc/${pid}/comm`, "utf8").trim();
    const pss = /^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, "utf8"))?.[1] ?? 0;
    return { name, mib: Number(pss) / 1024 };
  } catch (error) {
    if (error.code !== "ENOENT" && error.code !== "ESRCH") throw error;
    return undefined;
  }
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
  return found;
}
