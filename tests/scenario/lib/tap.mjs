// Listens in on what passes between this process and the programs under test:
// their pipes, and the answers to fetch.  Importing it is enough.
import childProcess from "node:child_process";
import { readFileSync, readdirSync } from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { join } from "node:path";
import { Conversation, HttpExchange, Lines } from "./wire.mjs";

export const faults = new Set();
export const conversations = [];
const sessions = new Map();
const ports = new Set();

// From now on what this port answers at /mcp is checked.
export function tapPort(port) {
  ports.add(String(port));
}

function conversation(role) {
  const made = new Conversation(role, faults);
  conversations.push(made);
  return made;
}

// ---- pipes ----

function onData(stream, take) {
  const { emit } = stream;
  stream.emit = function (event, ...rest) {
    if (event === "data") take(rest[0]);
    return emit.call(this, event, ...rest);
  };
}

function onWrite(stream, take) {
  const { write } = stream;
  stream.write = function (chunk, ...rest) {
    take(chunk);
    return write.call(this, chunk, ...rest);
  };
}

function tapPipes(child) {
  const talk = conversation("server");
  const sent = new Lines((message) => talk.fromPeer(message));
  const received = new Lines((message) => talk.fromProgram(message));
  onWrite(child.stdin, (chunk) => sent.feed(chunk));
  onData(child.stdout, (chunk) => received.feed(chunk));
}

const { spawn } = childProcess;
childProcess.spawn = function (command, args, ...rest) {
  const child = spawn.call(this, command, args, ...rest);
  if (command === process.env.MCPFOLD_BIN && args?.[0] === "stdio" && child.stdin && child.stdout) tapPipes(child);
  return child;
};
syncBuiltinESMExports();

// ---- what the servers' processes recorded (fixtures/servers/record.mjs) ----

// Each session of a server over HTTP has ids of its own.
function checkRecord(text) {
  const talks = new Map();
  for (const line of text.split("\n").filter(Boolean)) {
    const { by, message, hint, session = "" } = JSON.parse(line);
    if (!talks.has(session)) talks.set(session, conversation("client"));
    const talk = talks.get(session);
    if (by === "program") talk.fromProgram(message, hint);
    else talk.fromPeer(message, hint);
  }
}

export function checkRecords(folder) {
  for (const name of readdirSync(folder).filter((file) => file.endsWith(".wire"))) checkRecord(readFileSync(join(folder, name), "utf8"));
}

// ---- HTTP ----

export function exchange(headers, body) {
  const made = new HttpExchange(sessions, faults, headers, body);
  conversations.push(made.conversation);
  return made;
}

function isOurs(input) {
  const url = new URL(input instanceof Request ? input.url : input);
  return url.pathname === "/mcp" && ports.has(url.port);
}

const { fetch } = globalThis;
globalThis.fetch = async function (input, init) {
  if (!isOurs(input)) return fetch(input, init);
  const talk = exchange(new Headers(init?.headers), typeof init?.body === "string" ? init.body : undefined);
  const response = await fetch(input, init);
  if (!response.body) return response;
  talk.answer(response.headers);
  const watch = new TransformStream({
    transform(chunk, controller) {
      talk.feed(chunk);
      controller.enqueue(chunk);
    },
    flush: () => talk.end(),
  });
  const { status, statusText, headers } = response;
  return new Response(response.body.pipeThrough(watch), { status, statusText, headers });
};
