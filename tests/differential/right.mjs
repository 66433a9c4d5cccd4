/*
 * The correct programs of tests/fixtures/programs, prepared and run in Node.js
 * with tools that answer with data made from their output schemas.
 *
 *     node right.mjs PREPARE_CODE PROGRAMS CATALOGUES
 *
 * A program may fail on data that is made up, but not for its syntax, for a
 * name that is gone, nor for a promise that nobody awaits.
 */
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import vm from "node:vm";

const [prepareCode, programs, catalogues] = process.argv.slice(2);
const DEADLINE_MS = 2000;
/* What the engine of the workers knows and this Node.js may not. */
const NEWER = ["using"];
const keys = {
  asana: "roychri__mcp-server-asana", brightdata: "brightdata__mcp", clarity: "microsoft__clarity-mcp-server",
  cortex: "temporal-cortex__cortex-mcp-linux-x64", drawio: "drawio-mcp-server",
  github: "modelcontextprotocol__server-github", gitlab: "modelcontextprotocol__server-gitlab",
  hf: "llmindset__hf-mcp-server", iterable: "iterable__mcp", mapbox: "mapbox__mcp-devkit-server",
  notion: "notionhq__notion-mcp-server", playwright: "playwright__mcp", pubmed: "cyanheads__pubmed-mcp-server",
  recipes: "howtocook-mcp", runpod: "runpod__mcp-server", salesforce: "salesforce__mcp", semiotic: "semiotic",
  time: "snapshot__livemcp__time", transloadit: "transloadit__mcp-server", xero: "xeroapi__xero-mcp-server",
};

/* A value that a schema accepts: what is required, and lists of one. */
function valueOf(schema, root = schema, depth = 0) {
  if (schema === true || schema == null || depth > 12) return null;
  if (schema.$ref) {
    const target = schema.$ref.slice(2).split("/").filter(Boolean).reduce((at, key) => at?.[key], root);
    return valueOf(target, root, depth + 1);
  }
  if ("const" in schema) return schema.const;
  if (schema.enum) return schema.enum[0];
  const choice = schema.anyOf ?? schema.oneOf;
  if (choice) return valueOf(choice[0], root, depth + 1);
  const type = Array.isArray(schema.type) ? schema.type[0] : schema.type;
  if (type === "object" || schema.properties) {
    const required = schema.required ?? [];
    return Object.fromEntries(Object.entries(schema.properties ?? {}).filter(([key]) => required.includes(key))
      .map(([key, value]) => [key, valueOf(value, root, depth + 1)]));
  }
  if (type === "array") return [valueOf(schema.items, root, depth + 1)];
  return { string: "text", number: 1, integer: 1, boolean: true }[type] ?? null;
}

/* What a tool without a schema may answer: an empty list, with members as paged answers have them. */
function anything() {
  return Object.assign([], { items: [], results: [], slots: [], events: [], jobs: {}, workers: {}, full_name: "a/b" });
}

function serverOf(file) {
  const { tools } = JSON.parse(fs.readFileSync(file, "utf8"));
  const server = {};
  for (const tool of tools) {
    const call = async () => (tool.outputSchema ? valueOf(tool.outputSchema) : anything());
    server[tool.name] = server[tool.name.replace(/[^\w$]/g, "_")] = call;
  }
  return server;
}

const servers = Object.fromEntries(
  Object.entries(keys).map(([key, file]) => [key, serverOf(path.join(catalogues, `${file}.json`))]),
);
const mcp = {
  call: async () => ({ content: [{ type: "text", text: "{}" }] }),
  search: async () => [], describe: async () => "", servers: async () => [], emit() {}, progress() {},
  resources: Object.assign(async () => [], { read: async () => null }),
  prompts: async () => [],
};
const silent = new Proxy({}, { get: () => () => {} });
class ToolError extends Error {}

function prepare(code) {
  const run = spawnSync(prepareCode, [], { input: code, encoding: "utf8", maxBuffer: 1 << 28 });
  if (run.status !== 0) throw new Error(run.stderr);
  const result = JSON.parse(run.stdout);
  if (!result.ok) throw new SyntaxError(JSON.stringify(result.notes));
  return result;
}

async function runProgram(run) {
  const globals = {
    ...servers, mcp, ToolError, console: silent, input: {}, setTimeout: (f, ms, ...args) => setTimeout(f, 0, ...args),
    clearTimeout, structuredClone, crypto, URL, URLSearchParams, TextEncoder, TextDecoder, AbortController, btoa, atob,
  };
  const late = new Promise((resolve) => setTimeout(resolve, DEADLINE_MS, "late").unref());
  return Promise.race([vm.runInNewContext(run, globals, { timeout: DEADLINE_MS }), late]);
}

const count = { run: 0, madeUp: 0, wrong: 0 };
process.on("unhandledRejection", (error) => { throw error; });
for (const file of fs.readdirSync(programs).filter((name) => name.endsWith(".ts")).sort()) {
  for (const text of fs.readFileSync(path.join(programs, file), "utf8").split(/^\/\/\/\/ /m).slice(1)) {
    const title = text.slice(0, text.indexOf("\n"));
    try {
      await runProgram(prepare(text.slice(title.length + 1)).run);
      count.run++;
    } catch (error) {
      const wrong = ["SyntaxError", "ReferenceError"].includes(error?.name) && !NEWER.includes(title);
      count[wrong ? "wrong" : "madeUp"]++;
      console.log(`${wrong ? "wrong  " : "made up"} ${file}: ${title}: ${error}`);
    }
  }
}
console.log(JSON.stringify(count));
process.exit(count.wrong || count.run < 200 ? 1 : 0);
