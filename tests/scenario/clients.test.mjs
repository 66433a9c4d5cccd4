// Official clients against the real program: each lists one tool and runs a
// script over three real servers.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { after, before, describe, test } from "node:test";
import { promisify } from "node:util";
import { Client as ClientV1 } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport as StdioV1 } from "@modelcontextprotocol/sdk/client/stdio.js";
import { StreamableHTTPClientTransport as HttpV1 } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { Client as ClientV2, StreamableHTTPClientTransport as HttpV2 } from "@modelcontextprotocol/client";
import { StdioClientTransport as StdioV2 } from "@modelcontextprotocol/client/stdio";
import { World, node, sampleScript, sampleValue, valueOf } from "./lib/world.mjs";

const info = { name: "scenario", version: "1" };
const MODERN = "2026-07-28";
const LEGACY = "2025-11-25";

const clients = [
  { name: "SDK v1", make: () => new ClientV1(info), http: HttpV1, stdio: StdioV1 },
  ...["legacy", "auto", { pin: MODERN }].map((mode) => ({
    name: `SDK v2 ${JSON.stringify(mode)}`,
    make: () => new ClientV2(info, { versionNegotiation: { mode } }),
    version: mode === "legacy" ? LEGACY : MODERN,
    http: HttpV2,
    stdio: StdioV2,
  })),
];

describe("official clients", () => {
  let world, program;
  before(async () => {
    world = new World();
    program = await world.serve();
  });
  after(() => world.close());

  async function useClient({ make, version }, transport) {
    const client = make();
    await client.connect(transport);
    try {
      assert.equal(client.getServerVersion().name, "mcpfold");
      assert.match(client.getInstructions(), /execute_code/);
      if (version) assert.equal(client.getNegotiatedProtocolVersion(), version);
      const { tools } = await client.listTools();
      assert.deepEqual(tools.map((tool) => tool.name), ["execute_code"]);
      assert.match(tools[0].description, /files: 14 tools/);
      const result = await client.callTool({ name: "execute_code", arguments: { code: sampleScript(world.folder) } });
      assert.deepEqual(valueOf(result), sampleValue);
      assert.equal(result._meta["mcpfold/run"].calls_total, 4);
    } finally {
      await client.close();
    }
  }

  for (const client of clients) {
    test(`${client.name} over HTTP`, () => useClient(client, new client.http(program.url)));
    test(`${client.name} over stdio`, () => useClient(client, new client.stdio({ ...world.stdio(), stderr: "ignore" })));
  }

  for (const transport of ["HTTP", "stdio"]) {
    test(`Inspector's command line over ${transport}`, async () => {
      const { command, args } = world.stdio();
      const target = transport === "HTTP" ? [program.url.href, "--transport", "http"] : [command, ...args];
      const inspect = (...rest) => runInspector([...target, ...rest]);
      const { tools } = await inspect("--method", "tools/list");
      assert.deepEqual(tools.map((tool) => tool.name), ["execute_code"]);
      const code = sampleScript(world.folder).replaceAll("\n", " ");
      const result = await inspect("--method", "tools/call", "--tool-name", "execute_code", "--tool-arg", `code=${code}`);
      assert.deepEqual(valueOf(result), sampleValue);
    });
  }
});

async function runInspector(args) {
  const manifest = createRequire(import.meta.url).resolve("@modelcontextprotocol/inspector/package.json");
  const launcher = join(dirname(manifest), "clients/launcher/build/index.js");
  const method = args.indexOf("--method");
  const [target, options] = [args.slice(0, method), args.slice(method)];
  const env = { ...process.env, PATH: `${dirname(node)}:${process.env.PATH}` };
  const { stdout } = await promisify(execFile)(node, [launcher, "--cli", ...target, ...options], { env, timeout: 60_000 });
  return JSON.parse(stdout);
}
