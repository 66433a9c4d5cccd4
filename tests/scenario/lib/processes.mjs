// What the system knows of processes, read from /proc.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, readdirSync, rmdirSync, writeFileSync } from "node:fs";
import { sleep } from "./world.mjs";

// The arguments of a process; none when it ended meanwhile.
export function commandLine(pid) {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0").slice(0, -1);
  } catch {
    return [];
  }
}

export const openDescriptors = (pid) => readdirSync(`/proc/${pid}/fd`).length;

// Sets the soft limit on a resource of a running process, as prlimit(1) names it.
export function setLimit(pid, resource, value) {
  execFileSync("prlimit", ["--pid", String(pid), `--${resource}=${value}:`], { stdio: "pipe" });
}

export const limitOf = (pid, name) => new RegExp(`^Max ${name}\\s+(\\d+|unlimited)`, "m").exec(readFileSync(`/proc/${pid}/limits`, "utf8"))[1];

const PIDS = ["/sys/fs/cgroup/pids", "/sys/fs/cgroup"];

// A control group that has room for one process, and it in there.
function fillGroup(root, pid) {
  const group = `${root}/mcpfold-test-${pid}`;
  mkdirSync(group);
  try {
    writeFileSync(`${group}/pids.max`, "1");
    writeFileSync(`${group}/cgroup.procs`, String(pid));
  } catch (error) {
    rmdirSync(group);
    throw error;
  }
  return () => {
    writeFileSync(`${root}/cgroup.procs`, String(pid));
    rmdirSync(group);
  };
}

// Lets a process of another user make no process; what lets it again, or nothing when this user
// may do neither.
export function denyProcesses(pid) {
  const limit = limitOf(pid, "processes");
  const ways = [() => (setLimit(pid, "nproc", 1), () => setLimit(pid, "nproc", limit)), ...PIDS.map((root) => () => fillGroup(root, pid))];
  for (const way of ways) {
    try {
      return way();
    } catch {
      continue;
    }
  }
  return undefined;
}

const stateOf = (pid) => /^State:\s+(\S)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];

// True for one that ended and that its parent has not asked for.
export function isZombie(pid) {
  try {
    return stateOf(pid) === "Z";
  } catch {
    return false; // gone meanwhile
  }
}

// The sandbox's processes of a program: the zygote, and its workers.
export function isolateProcesses(program) {
  const [outer, zygote, ...workers] = program.descendants().filter((pid) => commandLine(pid).includes("--zygote"));
  return { outer, zygote, workers };
}

// Connections that a listening port of 127.0.0.1 still has.
export function connections(port) {
  const LISTENING = "0A", CLOSED = "06"; // waits out its time without an owner
  const local = `0100007F:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  const rows = readFileSync("/proc/net/tcp", "utf8").split("\n").map((row) => row.trim().split(/\s+/));
  return rows.filter(([, address, , state]) => address === local && state !== LISTENING && state !== CLOSED).length;
}

// Resident memory that is the process's own, in KiB.
export function ownMemory(pid) {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return Number(/^RssAnon:\s+(\d+) kB$/m.exec(status)[1]);
}

// Waits until `read()` satisfies `holds`; what it read last is told otherwise.
export async function settles(what, read, holds, timeout = 60_000) {
  const end = Date.now() + timeout;
  for (;;) {
    const value = await read();
    if (holds(value)) return value;
    if (Date.now() > end) assert.fail(`${what}: ${JSON.stringify(value)}`);
    await sleep(50);
  }
}

export async function allGone(pids) {
  const left = () => pids.filter((pid) => existsSync(`/proc/${pid}`)).map((pid) => [pid, ...commandLine(pid)]);
  await settles("still there", left, (found) => found.length === 0, 30_000);
}
