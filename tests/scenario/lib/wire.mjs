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
  "resources/subscribe": "EmptyResult",
  "resources/unsubscribe": "EmptyResult",
  "prompts/list": "ListPromptsResult",
  "prompts/get": "GetPromptResult",
  "completion/complete": "CompleteResult",
};

// What a client answers to a server.
const ANSWERS = {
  "ping": "EmptyResult",
  "roots/list": "ListRootsResult",
  "sampling/createMessage": "CreateMessageResult",
  "elicitation/create": "ElicitResult",
};

// The extension io.modelcontextprotocol/tasks is not in the schema of the core.
const TASKS = new Set(["tasks/get", "tasks/update", "tasks/cancel"]);

function taskViolation({ method, params }) {
  const capabilities = params?._meta?.["io.modelcontextprotocol/clientCapabilities"];
  if (!capabilities?.extensions?.["io.modelcontextprotocol/tasks"]) return `${method} does not declare its extension`;
  if (typeof params.taskId !== "string") return `${method} names no task`;
  if (method === "tasks/update" && typeof params.inputResponses !== "object") return `${method} holds no answers`;
  return violation(MODERN, "RequestParams", params);
}

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
    this.peerAsked = new Map(); // each side has ids of its own
    this.programAsked = new Map();
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
      this.learn(this.programAsked.get(message?.id), message);
      return;
    }
    this.claimed = claimOf(message) ?? this.claimed;
    if (message.id !== undefined) this.peerAsked.set(message.id, { method: message.method, revision: claimOf(message) ?? hint });
  }

  // An answer to `initialize` says which revision it is.
  learn(question, answer) {
    if (question?.method === "initialize" && answer.result) this.revision = known(answer.result.protocolVersion);
  }

  check(message, hint) {
    const question = message.method === undefined ? this.peerAsked.get(message.id) : undefined;
    this.learn(question, message);
    if (message.method !== undefined && message.id !== undefined) this.programAsked.set(message.id, { method: message.method });
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
    if (this.role === "client" && revision === MODERN && TASKS.has(message.method)) return taskViolation(message);
    if (this.role === "client") return violation(revision, message.id === undefined ? "ClientNotification" : "ClientRequest", message);
    if (message.id === undefined) return violation(revision, "ServerNotification", message);
    return revision === MODERN ? "a server sends no requests" : violation(revision, "ServerRequest", message);
  }

  result(revision, message, question) {
    if (this.role === "client") return violation(revision, ANSWERS[question?.method] ?? "ClientResult", message.result);
    if (!question) return "an answer that nobody asked for";
    const asks = revision === MODERN && message.result.resultType === "input_required";
    return violation(revision, asks ? "InputRequiredResult" : RESULTS[question.method], message.result);
  }
}

// Whole lines of text that comes in portions, in time that is linear in long lines too.
function lineReader(take) {
  const decoder = new TextDecoder();
  const parts = [];
  return (chunk) => {
    const lines = (typeof chunk === "string" ? chunk : decoder.decode(chunk, { stream: true })).split("\n");
    for (let i = 0; i < lines.length - 1; i++) take(parts.splice(0).join("") + lines[i]);
    parts.push(lines.at(-1));
  };
}

// Server-sent events, each a message on one line.
export class Events {
  constructor(take) {
    this.feed = lineReader((line) => {
      const data = line.startsWith("data:") ? line.slice(5).trim() : "";
      if (data) take(JSON.parse(data));
    });
  }
}

// Lines, each a message; what is none is no business of ours.
export class Lines {
  constructor(take) {
    this.feed = lineReader((line) => {
      const message = parsed(line);
      if (message !== undefined) take(message);
    });
  }
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
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
    return this;
  }

  feed(chunk) {
    this.reader?.feed(chunk);
  }

  end() {
    if (this.reader instanceof Lines) this.reader.feed("\n");
  }
}
