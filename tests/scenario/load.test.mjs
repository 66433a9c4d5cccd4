// Many clients at once, many executions: nothing is lost, nothing is left over,
// memory stays flat.
//
//     MCPFOLD_LOAD=10    ten times as many calls
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { commandLine, connections, openDescriptors, ownMemory, settles } from "./lib/processes.mjs";
import { MODERN, Scripts, connect } from "./lib/scripts.mjs";
import { World } from "./lib/world.mjs";

const SCALE = Number(process.env.MCPFOLD_LOAD ?? 1);
const CLIENTS = 50;
const CALLS = 200 * SCALE;
const WARM_UP_CALLS = 60; // of each client: until caches and allocators are as large as they get
const GROWTH_KIB = 3 * 1024; // some 300 bytes for each execution

// Every tenth execution calls a tool; every script says who asked it what.
const PLAIN = "return [input.client, input.call]";
const CALLING = "return [input.client, Number(await faulty.echo({ text: String(input.call) }))]";

describe("load", () => {
  let world, program;
  before(async () => {
    world = new World();
    world.servers = { faulty: world.fixture("faulty.mjs") };
    // A sanitizer's build keeps what is freed; not so much that it would hide a leak.
    process.env.ASAN_OPTIONS = [process.env.ASAN_OPTIONS, "quarantine_size_mb=1"].filter(Boolean).join(":");
    program = await world.serve({ log: { level: "info" } });
    const scripts = new Scripts(await connect(program));
    assert.equal(await scripts.text(`return faulty.echo({ text: "ready" })`), "ready");
    await scripts.client.close();
  });
  after(() => world.close());

  async function useClient(number, calls) {
    const client = await connect(program, number % 2 ? "legacy" : MODERN);
    const scripts = new Scripts(client);
    for (let call = 0; call < calls; call++) {
      const value = await scripts.value(call % 10 === 9 ? CALLING : PLAIN, { client: number, call });
      assert.deepEqual(value, [number, call]);
    }
    if (number % 2) await client.transport.terminateSession();
    await client.close();
    return calls;
  }

  const useClients = (calls) => Promise.all(Array.from({ length: CLIENTS }, (_, number) => useClient(number, calls)));

  // What the program holds: connections, descriptors, processes of each program.
  function holdings() {
    const programs = program.descendants().map((pid) => commandLine(pid)[0]).sort();
    return { connections: connections(program.port), descriptors: openDescriptors(program.child.pid), programs };
  }

  // The holdings once all clients' connections are closed and nothing changes any more.
  async function atRest() {
    let last, same = 0;
    return await settles("does not come to rest", holdings, (now) => {
      same = last === JSON.stringify(now) ? same + 1 : 0;
      last = JSON.stringify(now);
      return now.connections === 0 && same >= 10;
    });
  }

  // Memory of the proxy and of what forks workers, by process id.
  function memory() {
    const ours = [program.child.pid, ...program.descendants().filter((pid) => commandLine(pid).includes("--zygote"))];
    return new Map(ours.map((pid) => [pid, ownMemory(pid)]));
  }

  test(`${CLIENTS} clients, ${CALLS} calls each: nothing lost, nothing left over, memory flat`, async (context) => {
    await useClients(WARM_UP_CALLS);
    const held = await atRest();
    const earlier = memory();
    assert.deepEqual(await useClients(CALLS), Array(CLIENTS).fill(CALLS));
    await settles(`was ${JSON.stringify(held)}`, holdings, (now) => JSON.stringify(now) === JSON.stringify(held));
    const later = memory();
    assert.equal(program.log.filter(({ event, outcome }) => event === "done" && outcome === "ok").length, 1 + CLIENTS * (WARM_UP_CALLS + CALLS));
    const lasting = [...earlier.keys()].filter((pid) => later.has(pid));
    assert.ok(lasting.length >= 2, "the proxy and the zygote last; workers don't");
    for (const pid of lasting) {
      const [before, after] = [earlier.get(pid), later.get(pid)];
      context.diagnostic(`${pid === program.child.pid ? "proxy" : "zygote"}: ${before} KiB, then ${after} KiB`);
      assert.ok(after - before < GROWTH_KIB * SCALE, `it grew from ${before} to ${after} KiB`);
    }
  });
});
