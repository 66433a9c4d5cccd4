// What is measured, each beside its floor.
import { execFileSync, spawn } from "node:child_process";
import { readdirSync } from "node:fs";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { fileURLToPath } from "node:url";
import { costOfIdle, pingBesideIdle } from "./idle_sessions.mjs";
import { isolateCases } from "./isolate_cases.mjs";
import { Proxy, freePort, memoryBelow, writeConfig } from "./proxy.mjs";
import { RawClient } from "./raw_client.mjs";
import { paired, quantile, summary, timed } from "./stats.mjs";

const fixture = fileURLToPath(new URL("../fixtures/servers/bench.mjs", import.meta.url));
const node = process.env.MCPFOLD_NODE;
const info = { name: "mcpfold-bench", version: "1" };

const one = `return await bench.echo({ text: "x" });`;
const sequential = `for (let i = 0; i < 10; i++) await bench.echo({ text: "x" });`;
const parallel = `await Promise.all(Array.from({ length: 10 }, () => bench.echo({ text: "x" })));`;
const reduce = `const all = await bench.records();
return all.filter((r: any) => r.open).reduce((sum: number, r: any) => sum + r.amount, 0);`;

const numbers = `let x = 0;
for (let i = 1; i < 3_000_000; i++) x = (x + Math.sqrt(i) * (i % 7)) % 1000003;
return Math.round(x);`;

const echo = (client) => client.callTool({ name: "echo", arguments: { text: "x" } });
const times = (n, fn) => Array.from({ length: n }, fn);

async function reduceDirectly(client) {
  const result = await client.callTool({ name: "records", arguments: {} });
  const all = JSON.parse(result.content[0].text);
  return all.filter((r) => r.open).reduce((sum, r) => sum + r.amount, 0);
}

async function connectProgram(command, ...args) {
  const client = new Client(info);
  await client.connect(new StdioClientTransport({ command, args }));
  return client;
}

// An upstream over stdio or HTTP: how mcpfold is told of it, a direct SDK client of another
// instance of the same server, and the same client of mcpfold over the same transport.
async function stdioUpstream() {
  const config = { command: [node, fixture] };
  const direct = await connectProgram(node, fixture);
  const through = async () => {
    const client = await connectProgram(process.env.MCPFOLD_BIN, "stdio", "-c", writeConfig({ servers: { bench: config } }));
    return { client, stop: () => client.close() };
  };
  return { config, direct, through, stop: () => direct.close() };
}

async function httpUpstream() {
  const port = await freePort();
  const child = spawn(node, [fixture, "http", String(port)], { stdio: "inherit" });
  const url = `http://127.0.0.1:${port}/mcp`;
  const direct = await connectSoon(url);
  const stop = async () => {
    await direct.close();
    child.kill();
  };
  const through = async () => {
    const proxy = await Proxy.start({ bench: { url } });
    const client = await connectSoon(`http://127.0.0.1:${proxy.port}/mcp`);
    return { client, stop: () => client.close().then(() => proxy.stop()) };
  };
  return { config: { url }, direct, through, stop };
}

async function connectSoon(url) {
  for (let tries = 0; ; tries++) {
    const client = new Client(info);
    try {
      await client.connect(new StreamableHTTPClientTransport(new URL(url)));
      return client;
    } catch (error) {
      if (tries > 200) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

async function withProxy(servers, fn, settings) {
  const proxy = await Proxy.start(servers, settings);
  try {
    const client = await proxy.client();
    await client.run("return 1");
    const figures = await fn(client, proxy);
    client.close();
    return figures;
  } finally {
    await proxy.stop();
  }
}

async function withUpstream(make, fn) {
  const upstream = await make();
  try {
    return await withProxy({ bench: upstream.config }, (client, proxy) => fn(client, upstream.direct, proxy));
  } finally {
    await upstream.stop();
  }
}

function toolCase(make, rounds, code, direct) {
  return () =>
    withUpstream(make, (client, sdk) =>
      paired(rounds, () => client.run(code), () => direct(sdk)));
}

async function runScript(client, code) {
  const result = await client.callTool({ name: "execute_code", arguments: { code } });
  if (result.isError) throw new Error(result.content[0].text);
}

// What any proxy must cost that gives each call a process of its own (relay.c), of a worker's size.
async function throughRelay() {
  const MEMORY_MIB = "6";
  const relay = process.env.MCPFOLD_BIN.replace(/mcpfold$/, "tests/relay");
  const direct = await connectProgram(node, fixture);
  const client = await connectProgram(relay, MEMORY_MIB, node, fixture);
  try {
    return await paired(500, () => echo(client), () => echo(direct));
  } finally {
    await client.close();
    await direct.close();
  }
}

// The official client on both sides, and one transport all the way.
function sameClientCase(make, rounds, code, direct) {
  return async () => {
    const upstream = await make();
    const { client, stop } = await upstream.through();
    try {
      return await paired(rounds, () => runScript(client, code), () => direct(upstream.direct));
    } finally {
      await stop();
      await upstream.stop();
    }
  };
}

// `count` clients at once for `seconds`, each doing `act` again and again.
async function load(proxy, count, seconds, act) {
  const clients = await Promise.all(times(count, () => new RawClient(proxy.port).connect()));
  const samples = [];
  const end = performance.now() + seconds * 1000;
  const start = performance.now();
  await Promise.all(
    clients.map(async (client) => {
      while (performance.now() < end) samples.push(await timed(() => act(client)));
    }),
  );
  const perSecond = samples.length / ((performance.now() - start) / 1000);
  for (const client of clients) client.close();
  return { ...summary(samples), perSecond };
}

function loadCase(count, code) {
  return (seconds) =>
    withUpstream(stdioUpstream, async (client, sdk, proxy) => {
      await client.run(code);
      const floor = await load(proxy, count, seconds, (c) => c.ping());
      const measured = await load(proxy, count, seconds, (c) => c.run(code));
      return { measured, floor };
    });
}

async function coldStart() {
  const samples = { measured: [], floor: [] };
  for (let i = 0; i < 7; i++) {
    samples.floor.push(await timed(startNode));
    samples.measured.push(await timed(firstResult));
  }
  return { measured: summary(samples.measured), floor: summary(samples.floor) };
}

function startNode() {
  return new Promise((resolve) => spawn(node, ["-e", "0"]).once("exit", resolve));
}

async function firstResult() {
  const proxy = await Proxy.start({});
  const client = await proxy.client();
  await client.run("return 1");
  client.close();
  proxy.stop();
}

// The same loop in a proxy with the just-in-time compiler off, beside one with it on.
async function withoutJit() {
  return withProxy({}, (fast) =>
    withProxy({}, (slow) => paired(20, () => slow.run(numbers), () => fast.run(numbers)), { jit: "off" }));
}

const total = (memory) => Object.values(memory).reduce((sum, mib) => sum + mib, 0);

// What one server of the official SDK in Node takes, once it has answered over HTTP.
async function memoryOfServer() {
  const port = await freePort();
  const child = spawn(node, [fixture, "http", String(port)], { stdio: "inherit" });
  const client = await connectSoon(`http://127.0.0.1:${port}/mcp`);
  await echo(client);
  const used = total(memoryBelow(child.pid));
  await client.close();
  child.kill();
  return used;
}

async function memory(seconds) {
  const floor = await memoryOfServer();
  return withProxy({}, async (client, proxy) => {
    await new Promise((resolve) => setTimeout(resolve, 1000));
    const idle = proxy.memory();
    const busy = load(proxy, 16, seconds, (c) => c.run("return 1"));
    const samples = [];
    let running = true;
    busy.finally(() => (running = false));
    while (running) {
      samples.push(total(proxy.memory()));
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    await busy;
    return { floor, idle: total(idle), idleParts: idle, loadedMedian: quantile(samples, 0.5), loadedMax: Math.max(...samples) };
  });
}

const catalogues = fileURLToPath(new URL("../fixtures/catalogues/", import.meta.url));
const named = { github: "modelcontextprotocol__server-github", pubmed: "cyanheads__pubmed-mcp-server",
                mapbox: "mapbox__mcp-devkit-server" };

// The compiler's processor time for a script of 40 lines, with so many tools.
function checkCost(tools, all) {
  const rest = readdirSync(catalogues).map((file) => file.replace(/\.json$/, ""))
    .filter((name) => all && !Object.values(named).includes(name));
  const files = [...Object.entries(named), ...rest.map((name) => [name.replace(/\W/g, "_"), name])];
  const program = process.env.MCPFOLD_BIN.replace(/mcpfold$/, "tests/check_cost");
  const args = files.map(([key, name]) => `${key}=${catalogues}${name}.json`);
  return JSON.parse(execFileSync(program, [String(tools), ...args], { encoding: "utf8" }));
}

async function checkOfManyTools() {
  const floor = checkCost(1, false);
  const measured = checkCost(2000, true);
  return { measured, floor, note: `compiler ${measured.rss_mib} MiB, first check ${measured.first_ms} ms` };
}

// name → { what, floor, run(seconds) }.  Times in milliseconds.
export const cases = {
  return_1: {
    what: "return 1, check cached",
    floor: "ping on the same connection",
    run: () => withProxy({}, (client) => paired(1000, () => client.run("return 1"), () => client.ping())),
  },
  ...isolateCases,
  one_call_http: {
    what: "one tool call, HTTP all the way",
    floor: "the same client calling that tool",
    run: sameClientCase(httpUpstream, 500, one, echo),
  },
  one_call_stdio: {
    what: "one tool call, stdio all the way",
    floor: "the same client calling that tool",
    run: sameClientCase(stdioUpstream, 500, one, echo),
  },
  one_call_relay: {
    what: "one tool call, stdio, a relay with a new process",
    floor: "the same client calling that tool",
    run: throughRelay,
  },
  one_call_mixed: {
    what: "one tool call, HTTP to a server on stdio",
    floor: "the SDK calling that tool over stdio",
    run: toolCase(stdioUpstream, 500, one, echo),
  },
  ten_sequential: {
    what: "ten calls one after another",
    floor: "the SDK doing the same",
    run: toolCase(stdioUpstream, 200, sequential, async (sdk) => {
      for (let i = 0; i < 10; i++) await echo(sdk);
    }),
  },
  ten_parallel: {
    what: "ten calls at once",
    floor: "the SDK doing the same",
    run: toolCase(stdioUpstream, 200, parallel, (sdk) => Promise.all(times(10, () => echo(sdk)))),
  },
  records: {
    what: "5,000 records reduced to a number",
    floor: "the SDK fetching and reducing them",
    run: toolCase(stdioUpstream, 100, reduce, reduceDirectly),
  },
  cold_start: {
    what: "start of serve to first result, no upstream",
    floor: "start of an empty Node program",
    run: coldStart,
  },
  jit_off: { what: "a numeric loop with jit: off", floor: "the same with jit: on", run: withoutJit },
  clients_16: { what: "16 clients, one tool call each", floor: "16 clients, ping", run: loadCase(16, one) },
  clients_64: { what: "64 clients, one tool call each", floor: "64 clients, ping", run: loadCase(64, one) },
  type_check: {
    what: "type check of 40 lines, 2,000 tools (CPU)",
    floor: "the same with three servers",
    run: checkOfManyTools,
  },
  ping_beside_2000: {
    what: "ping beside 2,000 idle streams",
    floor: "ping alone",
    run: () => withProxy({}, (client, proxy) => pingBesideIdle(proxy, client, 2000)),
  },
  idle_500: {
    what: "500 idle sessions with streams",
    floor: "",
    run: (seconds) => withProxy({}, (client, proxy) => costOfIdle(proxy, 500, seconds)),
  },
  memory: { what: "memory (PSS) of all our processes, MiB", floor: "one server of the official SDK, in Node", run: memory },
};
