// What the isolate costs, measured inside the proxy from admission to reply
// where the figure is a time: `_meta` of a result has it.
import { execFile, spawn } from "node:child_process";
import { closeSync, openSync, readFileSync, readSync } from "node:fs";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { Proxy, descendants } from "./proxy.mjs";
import { quantile, summary } from "./stats.mjs";

const execFileAsync = promisify(execFile);
const tools = join(dirname(process.env.MCPFOLD_BIN ?? ""), "tests");
const SLICES = 5; // in turn with the floor, so that a change of the machine's speed meets both
const PAUSE_MS = 5;
const RETURN_1 = "return 1";
const ONE_CALL = "await mcp.servers(); return 1";
const TEN_CALLS = "await Promise.all(Array.from({ length: 10 }, () => mcp.servers())); return 1";

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const ms = (samples) => samples.map((us) => us / 1000);
const figures = (samples) => summary(ms(samples));

async function program(...words) {
  const [command, ...args] = words.map(String);
  const { stdout } = await execFileAsync(command, args, { maxBuffer: 64 << 20 });
  return JSON.parse(stdout);
}

// With the priority of what it is the floor of.
const roundTrips = (seconds, pauseMs) => program(...Proxy.prefix, join(tools, "round_trip"), seconds, pauseMs);

const request = (method, params) => JSON.stringify({ jsonrpc: "2.0", id: 1, method, params });
const running = (code) => request("tools/call", { name: "execute_code", arguments: { code } });
const PING = request("ping", {});

// A proxy and a session in which each code has run once: prepared and checked.
async function withSession(settings, codes, fn) {
  const proxy = await Proxy.start({}, settings);
  try {
    const client = await proxy.client();
    for (const code of codes) await client.run(code);
    const send = (connections, seconds, pauseMs, body) => program(...Proxy.prefix, join(tools, "http_load"), proxy.port, client.session, connections, seconds, pauseMs, body);
    return await fn(send, proxy, client);
  } finally {
    await proxy.stop();
  }
}

// Each of these in turn, some times; all samples of each.
async function inTurn(...acts) {
  const samples = acts.map(() => []);
  for (let i = 0; i < SLICES; i++)
    for (const [at, act] of acts.entries()) samples[at].push(...(await act()));
  return samples;
}

const inside = (send, code, seconds) => async () => (await send(1, seconds / SLICES, PAUSE_MS, running(code))).inside_us;

async function returnOne(seconds) {
  return withSession({}, [RETURN_1], async (send) => {
    const floor = async () => (await roundTrips(seconds / SLICES, PAUSE_MS)).took_us;
    const [measured, least] = await inTurn(inside(send, RETURN_1, seconds), floor);
    return { measured: figures(measured), floor: figures(least) };
  });
}

async function tenCalls(seconds) {
  return withSession({}, [ONE_CALL, TEN_CALLS], async (send) => {
    const [ten, one] = await inTurn(inside(send, TEN_CALLS, seconds), inside(send, ONE_CALL, seconds));
    return { measured: figures(ten), floor: figures(one) };
  });
}

const perSecond = (samples, seconds) => samples.length / seconds;

async function throughput(seconds) {
  return withSession({}, [RETURN_1], async (send) => {
    const load = (body) => async () => (await send(8, seconds / SLICES, 0, body)).took_us;
    await load(running(RETURN_1))(); // the pool follows the load
    const [measured, pings] = await inTurn(load(running(RETURN_1)), load(PING));
    return {
      measured: { ...figures(measured), perSecond: perSecond(measured, seconds) },
      floor: { ...figures(pings), perSecond: perSecond(pings, seconds) },
    };
  });
}

// A loop without end outside of mcpfold: what takes as much of the machine as a script can.
async function besideProcess(act) {
  const loop = spawn("sh", ["-c", "while :; do :; done"], { stdio: "ignore" });
  try {
    return await act();
  } finally {
    loop.kill("SIGKILL");
  }
}

async function besideScript(client, act) {
  const loop = client.run("for (;;) {} // beside others").catch((error) => error);
  await pause(100);
  const result = await act();
  await client.request("ping");
  return { result, loop };
}

// The 99th percentile of 16 clients: alone, beside a process that takes a core, beside a script that does.
async function runaway(seconds) {
  const settings = { limits: { cpu: `${Math.ceil(seconds)}s`, wall: "120s" }, typecheck: "off", pool: { spare: 16 } };
  return withSession(settings, [RETURN_1], async (send, proxy) => {
    const load = async () => (await send(16, seconds / SLICES, 0, running(RETURN_1))).inside_us;
    await load();
    const script = async () => {
      const client = await proxy.client();
      const { result } = await besideScript(client, load);
      client.close(); // which ends it
      await pause(100);
      return result;
    };
    const [alone, process, beside] = await inTurn(load, () => besideProcess(load), script);
    const [a, p, s] = [alone, process, beside].map(figures);
    const turned = ({ p99, ...rest }) => ({ ...rest, p50: p99, p99 });
    return { measured: turned(s), floor: turned(p), note: `(all of the 99th percentile; alone ${a.p99.toFixed(1)} ms)` };
  });
}

// Entries of /proc/PID/pagemap: no page of a file, and of this process alone.
const PAGE_OF_FILE = 1n << 61n;
const PAGE_EXCLUSIVE = 1n << 56n;
const PAGE_BYTES = 4096;
const MAPPING_MAX_BYTES = 2 ** 32; // what is larger is address space held in reserve

// Pages that a process has for itself.  What it has looked at of the zygote's image of memory, which
// all share, is private to the kernel as long as nobody else looks.
function ownPages(pid) {
  const pagemap = openSync(`/proc/${pid}/pagemap`, "r");
  let own = 0;
  for (const line of readFileSync(`/proc/${pid}/maps`, "utf8").trimEnd().split("\n")) {
    const [start, end] = line.split(" ")[0].split("-").map((each) => Number(`0x${each}`));
    if (end - start > MAPPING_MAX_BYTES || !Number.isSafeInteger(end)) continue;
    const bytes = Buffer.alloc(((end - start) / PAGE_BYTES) * 8);
    readSync(pagemap, bytes, 0, bytes.length, (start / PAGE_BYTES) * 8);
    const entries = new BigUint64Array(bytes.buffer, bytes.byteOffset, bytes.length / 8);
    own += entries.reduce((sum, entry) => sum + Number((entry & (PAGE_OF_FILE | PAGE_EXCLUSIVE)) === PAGE_EXCLUSIVE), 0);
  }
  closeSync(pagemap);
  return own;
}

// Own and proportional memory of processes, in MiB.
function memoryOf(pids) {
  const pssKib = (pid) => Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, "utf8"))[1]);
  const median = (each) => quantile(pids.map(each), 0.5);
  return { own: median((pid) => (ownPages(pid) * PAGE_BYTES) / 2 ** 20), pss: median((pid) => pssKib(pid) / 1024) };
}

function workersOf(proxy) {
  const isolates = descendants(proxy.child.pid).filter((pid) => readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("--zygote"));
  return isolates.slice(2); // behind the process that waits and the zygote
}

async function workerMemory() {
  const WORKERS = 16;
  const sleeping = "await new Promise((done) => setTimeout(done, 2000)); return 1";
  return withSession({ pool: { min: WORKERS, spare: WORKERS } }, [sleeping], async (send, proxy, client) => {
    await pause(1500);
    const waiting = memoryOf(workersOf(proxy));
    const before = new Set(workersOf(proxy));
    const run = client.run(sleeping);
    await pause(1000);
    const faults = (pid) => Number(readFileSync(`/proc/${pid}/stat`, "utf8").replace(/^.*\) /s, "").split(" ")[7]);
    const busiest = [...before].toSorted((a, b) => faults(b) - faults(a))[0];
    const small = memoryOf([busiest]);
    await run;
    const { private_kib } = await roundTrips(0.01, 1);
    return { waiting, small, least: private_kib / 1024, workers: WORKERS };
  });
}

// The time until the zygote says HELLO; the floor is the program loaded by its loader, and no more.
async function zygoteReady() {
  const measured = [];
  const floor = [];
  for (let i = 0; i < 15; i++) {
    floor.push(await loaded());
    measured.push(await started());
  }
  return { measured: figures(measured), floor: figures(floor) };
}

async function started() {
  const proxy = await Proxy.start({}, { log: { level: "info" } }, "pipe");
  let text = "";
  try {
    for await (const chunk of proxy.child.stderr) {
      text += chunk;
      const line = text.split("\n").find((each) => each.includes('"zygote_ready"') && each.endsWith("}"));
      if (line) return JSON.parse(line).took_us;
    }
    throw new Error(`no zygote: ${text}`);
  } finally {
    await proxy.stop();
  }
}

async function loaded() {
  const { command, args } = await isolateCommand();
  const from = performance.now();
  await execFileAsync(command, [...args, "--version"]);
  return (performance.now() - from) * 1000;
}

// As the proxy starts it: its own loader and libraries.
let isolate;
async function isolateCommand() {
  if (isolate) return isolate;
  const proxy = await Proxy.start({});
  const client = await proxy.client();
  await client.run(RETURN_1);
  const pid = descendants(proxy.child.pid).find((each) => readFileSync(`/proc/${each}/cmdline`, "utf8").includes("--zygote"));
  const [command, ...rest] = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
  client.close();
  await proxy.stop();
  isolate = { command, args: rest.slice(0, rest.indexOf("--zygote")) };
  return isolate;
}

// name → as in cases.mjs; `fair`: never with real-time priority, which would be more than a share.
export const isolateCases = {
  inside: { what: "return 1, inside the proxy", floor: "a byte to another process and back", run: returnOne },
  inside_ten: { what: "ten host calls at once, inside", floor: "one host call", run: tenCalls },
  throughput: { what: "return 1 of 8 clients", floor: "8 clients, ping", run: throughput },
  runaway: { what: "16 clients beside a script that loops", floor: "beside a process that does", fair: true, run: runaway },
  zygote: { what: "start of the zygote to HELLO", floor: "its program loaded, and ended", run: zygoteReady },
  worker_memory: { what: "private memory of a worker, MiB", floor: "a process that waits for a byte", run: workerMemory },
};
