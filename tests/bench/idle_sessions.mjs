// What sessions cost that have a stream open and do nothing.
import { readFileSync, readdirSync } from "node:fs";
import net from "node:net";
import { RawClient } from "./raw_client.mjs";
import { summary, timed } from "./stats.mjs";

const STREAM = "text/event-stream";

// A session with its stream; resolves once the stream has begun.
async function openSession(port) {
  const client = await new RawClient(port).connect();
  client.close();
  const socket = net.connect(port, "127.0.0.1");
  socket.write(`GET /mcp HTTP/1.1\r\nhost: 127.0.0.1\r\naccept: ${STREAM}\r\nmcp-session-id: ${client.session}\r\n\r\n`);
  const head = await new Promise((resolve, reject) => {
    socket.once("data", (data) => resolve(String(data)));
    socket.once("error", reject);
  });
  if (!head.includes(STREAM)) throw new Error(`no stream: ${head}`);
  return socket;
}

export async function openSessions(port, count) {
  const sockets = [];
  while (sockets.length < count) {
    const some = Array.from({ length: Math.min(50, count - sockets.length) }, () => openSession(port));
    sockets.push(...(await Promise.all(some)));
  }
  return sockets;
}

export async function closeSessions(sockets) {
  const closed = sockets.map((socket) => new Promise((resolve) => socket.once("close", resolve)));
  for (const socket of sockets) socket.destroy();
  await Promise.all(closed);
}

// Of the proxy process alone, in MiB.
export function privateMemory(pid) {
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, "utf8");
  const kib = (name) => Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(rollup)?.[1] ?? 0);
  return (kib("Private_Clean") + kib("Private_Dirty")) / 1024;
}

// Processor time that it has used, in milliseconds.
export function cpuTime(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").replace(/^.*\) /s, "").split(" ");
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

export const descriptors = (pid) => readdirSync(`/proc/${pid}/fd`).length;

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

// Small requests with `count` idle sessions, beside the same without.
export async function pingBesideIdle(proxy, client, count) {
  await pings(client); // warm
  const floor = await pings(client);
  const sockets = await openSessions(proxy.port, count);
  const measured = await pings(client);
  await closeSessions(sockets);
  return { measured, floor };
}

async function pings(client) {
  const samples = [];
  for (let i = 0; i < 2000; i++) samples.push(await timed(() => client.ping()));
  return summary(samples);
}

// Memory and processor time of `count` idle sessions, and what is left when they have gone.
export async function costOfIdle(proxy, count, seconds) {
  const { pid } = proxy.child;
  await pause(1000);
  const before = { memory: privateMemory(pid), descriptors: descriptors(pid) };
  const sockets = await openSessions(proxy.port, count);
  await pause(1000);
  const cpuBefore = cpuTime(pid);
  const memory = privateMemory(pid) - before.memory;
  await pause(seconds * 1000);
  const cpu = (cpuTime(pid) - cpuBefore) / seconds;
  await closeSessions(sockets);
  await pause(1000);
  return { idle: { memory, cpu }, left: { memory: privateMemory(pid) - before.memory, descriptors: descriptors(pid) - before.descriptors } };
}
