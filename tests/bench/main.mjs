// Runs the cases and prints the table.
import { writeFileSync } from "node:fs";
import os from "node:os";
import { parseArgs } from "node:util";
import { cases } from "./cases.mjs";
import { Proxy } from "./proxy.mjs";

const { values: options } = parseArgs({
  options: {
    only: { type: "string" },
    seconds: { type: "string", default: "5" },
    json: { type: "string" },
    list: { type: "boolean", default: false },
    realtime: { type: "boolean", default: false },
  },
});

function chosen() {
  const names = options.only ? options.only.split(",") : Object.keys(cases);
  const unknown = names.filter((name) => !cases[name]);
  if (unknown.length) throw new Error(`no case named ${unknown.join(", ")}; --list shows them`);
  return names;
}

const ms = (value) => `${value.toFixed(value < 10 ? 2 : 1)} ms`;

function row({ measured, floor, note }) {
  const ratio = (measured.p50 / floor.p50).toFixed(2);
  const rate = measured.perSecond ? `  ${measured.perSecond.toFixed(0)}/s (floor ${floor.perSecond.toFixed(0)}/s)` : "";
  return `median ${ms(measured.p50)}  p99 ${ms(measured.p99)}  floor ${ms(floor.p50)}  ratio ${ratio}${rate}${note ? `  ${note}` : ""}`;
}

function memoryRow({ floor, idle, idleParts, loadedMedian, loadedMax }) {
  const parts = Object.entries(idleParts).map(([name, mib]) => `${name} ${mib.toFixed(1)}`);
  return `idle ${idle.toFixed(1)} (${parts.join(", ")})  floor ${floor.toFixed(1)}  ratio ${(idle / floor).toFixed(2)}  16 clients: median ${loadedMedian.toFixed(1)}, max ${loadedMax.toFixed(1)}`;
}

function sessionsRow({ idle, left }) {
  return `${idle.memory.toFixed(1)} MiB, ${idle.cpu.toFixed(1)} ms of processor time a second; when they have gone ${left.memory.toFixed(1)} MiB, ${left.descriptors} descriptors`;
}

function workerRow({ waiting, small, least, workers }) {
  const figure = ({ own, pss }) => `${own.toFixed(2)} (PSS ${pss.toFixed(1)})`;
  return `waiting ${figure(waiting)}  running return 1 ${figure(small)}  floor ${least.toFixed(2)}  ratio ${(waiting.own / least).toFixed(2)}  of ${workers} workers`;
}

function text(result) {
  if (result.waiting) return workerRow(result);
  if (result.idleParts) return memoryRow(result);
  return result.left ? sessionsRow(result) : row(result);
}

async function main() {
  if (options.list) {
    for (const [name, { what, floor }] of Object.entries(cases)) console.log(`${name.padEnd(15)} ${what} (floor: ${floor || "none"})`);
    return;
  }
  const machine = `${os.cpus().length} × ${os.cpus()[0].model}, Linux ${os.release()}, load ${os.loadavg()[0].toFixed(1)}`;
  const figures = { machine, realtime: options.realtime, cases: {} };
  console.log(machine + (options.realtime ? ", proxy with real-time priority" : ""));
  for (const name of chosen()) {
    Proxy.prefix = options.realtime && !cases[name].fair ? ["chrt", "--fifo", "10"] : [];
    const result = await cases[name].run(Number(options.seconds));
    figures.cases[name] = result;
    console.log(`${cases[name].what.padEnd(44)} ${text(result)}`);
  }
  if (options.json) writeFileSync(options.json, `${JSON.stringify(figures, null, 2)}\n`);
}

await main();
