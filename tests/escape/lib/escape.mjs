// The program under test as an attacker finds it: plain workers or workers
// that were taken over, with and without machine code made at run time.
import assert from "node:assert/strict";
import { readFileSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { Scripts, connect } from "../../scenario/lib/scripts.mjs";
import { World, binary, node } from "../../scenario/lib/world.mjs";

export const here = fileURLToPath(new URL("..", import.meta.url));
const hostileProgram = join(dirname(realpathSync(join(dirname(binary), "mcpfold-isolate"))), "tests", "isolate_hostile");

// Small, so that what uses them up is soon over.
const limits = { wall: "20s", cpu: "500ms", memory: "24MiB", calls: 20, concurrent_calls: 4, argument: "64KiB", executions: 16, result: 24000 };

// One program; `jit` as in the configuration, `worker` plain or hostile.
export class Target {
  static limits = limits;

  static async start({ jit = process.env.MCPFOLD_TEST_JIT ?? "on", worker = "plain", settings = {} } = {}) {
    const target = new Target();
    target.world = new World();
    target.world.servers = { hub: { command: [node, join(here, "lib", "hub.mjs")], env: { HUB_SECRET: "only the hub knows" } } };
    const env = { ESCAPE_SECRET: "never seen by a script", ...(worker === "hostile" ? { MCPFOLD_ISOLATE: hostileProgram } : {}) };
    target.program = await target.world.serve({ typecheck: "off", jit, limits, ...settings }, env);
    target.clients = [];
    target.scripts = await target.connect();
    return target;
  }

  // A further client with a connection of its own.
  async connect() {
    const client = await connect(this.program);
    this.clients.push(client);
    return new Scripts(client);
  }

  // What must work after anything: a call, the prototypes as they are, a limit's worth of nothing.
  async stillWorks() {
    const code = "const { sum } = await hub.add({ a: 19, b: 23 }); return [sum, Object.keys({}).length, typeof hostile_left]";
    assert.deepEqual(await this.scripts.value(code), [42, 0, "undefined"]);
  }

  async close() {
    for (const client of this.clients) await client.close();
    await this.world.close();
  }
}

export const words = (text) => text.split(";").map((word) => word.trim()).filter(Boolean);

// The kind and text of what a client was told.
export function outcome({ isError, content }) {
  const text = content.map((block) => block.text ?? JSON.stringify(block)).join("\n");
  return isError ? { kind: /^(\w+):/.exec(text)?.[1] ?? "?", text } : { kind: "value", text };
}

// The names of what may stop something: the sandbox's layers, and README.md's table.
export function layers() {
  const rows = readFileSync(join(here, "..", "..", "isolate", "sandbox_layers.def"), "utf8");
  const table = readFileSync(join(here, "README.md"), "utf8");
  return new Set([...rows.matchAll(/^LAYER\(\w+, "([\w-]+)"/gm), ...table.matchAll(/^\| `([\w-]+)` \|/gm)].map(([, name]) => name));
}
