// Every message that the program sends in the scenarios, to clients and to
// servers, must be valid in the revision that was negotiated with the peer.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";

// The validator that the official SDK depends on.
const require = createRequire(createRequire(import.meta.url).resolve("@modelcontextprotocol/sdk/package.json"));
const { default: Ajv2020 } = require("ajv/dist/2020.js");
const { default: Ajv7 } = require("ajv");

const folder = fileURLToPath(new URL("../../fixtures/mcp-schema/", import.meta.url));
export const revisions = readdirSync(folder).filter((name) => name.endsWith(".json")).map((name) => basename(name, ".json")).sort();
const MODERN = "2026-07-28";
const LEGACY = "2025-11-25"; // when there is none yet
const CLAIM = "io.modelcontextprotocol/protocolVersion";

const RESULTS = {
  "initialize": "InitializeResult",
  "ping": "EmptyResult",
  "logging/setLevel": "EmptyResult",
  "server/discover": "DiscoverResult",
  "subscriptions/listen": "SubscriptionsListenResult",
  "tools/list": "ListToolsResult",
  "tools/call": "CallToolResult",
  "resources/list": "ListResourcesResult",
  "resources/templates/list": "ListResourceTemplatesResult",
  "resources/read": "ReadResourceResult",
};

const validators = new Map();

// The check of one definition of one revision: undefined, or what is wrong.
export function violation(revision, definition, value) {
  const key = `${revision} ${definition}`;
  if (!validators.has(key)) validators.set(key, compile(revision, definition));
  const validate = validators.get(key);
  return validate(value) ? undefined : validate.errors.slice(0, 8).map(({ instancePath, message }) => `${instancePath} ${message}`).join("; ");
}

function compile(revision, definition) {
  const schema = JSON.parse(readFileSync(join(folder, `${revision}.json`), "utf8"));
  const place = schema.$defs ? "$defs" : "definitions";
  assert.ok(schema[place][definition], `${revision} has no ${definition}`);
  // Formats (uri, byte) are left alone: what upstreams say in them is passed on as it is.
  const ajv = new (schema.$defs ? Ajv2020 : Ajv7)({ strict: false, validateFormats: false });
  return ajv.compile({ ...schema, $ref: `#/${place}/${definition}` });
}

const claimOf = (message) => message.params?._meta?.[CLAIM];
const known = (revision) => (revisions.includes(revision) ? revision : undefined);

// All messages between the program and one peer.
export class Conversation {
  constructor(role, faults) {
    this.role = role; // of the program
    this.faults = faults;
    this.revision = undefined; // negotiated by initialize
    this.claimed = undefined; // by the last request that named one
    this.asked = new Map();
    this.checked = 0;
  }

  fromPeer(message, hint) {
    for (const one of [message].flat()) this.peerSaid(one, hint);
  }

  fromProgram(message, hint) {
    for (const one of [message].flat()) this.check(one, hint);
  }

  peerSaid(message, hint) {
    if (message?.method === undefined) {
      this.learn(this.asked.get(message?.id), message);
      return;
    }
    this.claimed = claimOf(message) ?? this.claimed;
    if (message.id !== undefined) this.asked.set(message.id, { method: message.method, revision: claimOf(message) ?? hint });
  }

  // An answer to `initialize` says which revision it is.
  learn(question, answer) {
    if (question?.method === "initialize" && answer.result) this.revision = known(answer.result.protocolVersion);
  }

  check(message, hint) {
    const question = message.method === undefined ? this.asked.get(message.id) : undefined;
    this.learn(question, message);
    if (message.method !== undefined && message.id !== undefined) this.asked.set(message.id, { method: message.method });
    if (this.role === "client") this.claimed = claimOf(message) ?? this.claimed;
    const revision = this.revisionOf(message, question, hint);
    const wrong = this.envelope(revision, message) ?? this.content(revision, message, question);
    this.checked++;
    if (wrong) this.faults.add(`${revision}: ${wrong}: ${JSON.stringify(message).slice(0, 600)}`);
  }

  revisionOf(message, question, hint) {
    if (message.method === "initialize") return known(message.params.protocolVersion) ?? LEGACY;
    return known(claimOf(message) ?? question?.revision) ?? this.revision ?? known(hint) ?? known(this.claimed) ?? LEGACY;
  }

  // The older schemas have no error without an id; JSON-RPC needs one for what it could not read.
  envelope(revision, message) {
    if (message.error && message.id === undefined && revision < "2025-11-25") return undefined;
    return violation(revision, "JSONRPCMessage", message);
  }

  content(revision, message, question) {
    if (message.error) return undefined;
    if (message.method === undefined) return this.result(revision, message, question);
    if (this.role === "client") return violation(revision, message.id === undefined ? "ClientNotification" : "ClientRequest", message);
    if (message.id === undefined) return violation(revision, "ServerNotification", message);
    return revision === MODERN ? "a server sends no requests" : violation(revision, "ServerRequest", message);
  }

  result(revision, message, question) {
    if (this.role === "client") return violation(revision, "ClientResult", message.result);
    if (!question) return "an answer that nobody asked for";
    return violation(revision, RESULTS[question.method], message.result);
  }
}

// Server-sent events as they come, each a message.
export class Events {
  constructor(take) {
    this.take = take;
    this.rest = "";
  }

  feed(text) {
    const events = (this.rest + text).split(/\r?\n\r?\n/);
    this.rest = events.pop();
    for (const event of events) {
      const data = event.split(/\r?\n/).filter((line) => line.startsWith("data:")).map((line) => line.slice(5).trim()).join("\n");
      if (data) this.take(JSON.parse(data));
    }
  }
}

// Whole lines as they come, each a message; other lines are no business of ours.
export class Lines {
  constructor(take) {
    this.take = take;
    this.rest = "";
    this.decoder = new TextDecoder();
  }

  feed(chunk) {
    const text = typeof chunk === "string" ? chunk : this.decoder.decode(chunk, { stream: true });
    const lines = (this.rest + text).split("\n");
    this.rest = lines.pop();
    for (const line of lines) this.line(line);
  }

  line(line) {
    let message;
    try {
      message = JSON.parse(line);
    } catch {
      return;
    }
    this.take(message);
  }
}

// One HTTP exchange with the program's endpoint; sessions are told apart by their id.
export class HttpExchange {
  constructor(sessions, faults, request, body) {
    this.sessions = sessions;
    this.faults = faults;
    this.hint = request.get("mcp-protocol-version") ?? undefined;
    this.conversation = sessions.get(request.get("mcp-session-id")) ?? new Conversation("server", faults);
    new Lines((message) => this.conversation.fromPeer(message, this.hint)).feed(`${(body ?? "").replaceAll("\n", " ")}\n`);
  }

  answer(headers) {
    const session = headers.get("mcp-session-id");
    if (session) this.sessions.set(session, this.conversation);
    const take = (message) => this.conversation.fromProgram(message, this.hint);
    const type = headers.get("content-type") ?? "";
    this.reader = type.startsWith("text/event-stream") ? new Events(take) : type.startsWith("application/json") ? new Lines(take) : undefined;
    this.decoder = new TextDecoder();
    return this;
  }

  feed(chunk) {
    this.reader?.feed(typeof chunk === "string" ? chunk : this.decoder.decode(chunk, { stream: true }));
  }

  end() {
    if (this.reader instanceof Lines) this.reader.feed("\n");
  }
}
