// Runs the legs that are asked for, and says what each passed.
import { appendFileSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { faults } from "../scenario/lib/tap.mjs";
import { legs, worldOf } from "./legs.mjs";
import { expected, isFailed, required, runSuite } from "./suite.mjs";

const results = join(process.env.MCPFOLD_BUILD ?? fileURLToPath(new URL("../../build", import.meta.url)), "conformance");

function chosen(names) {
  const known = (name) => legs.filter((leg) => leg.name.startsWith(name));
  const unknown = names.filter((name) => known(name).length === 0);
  if (unknown.length) throw new Error(`no leg ${unknown.join(", ")}; --list names them`);
  return names.length ? legs.filter((leg) => names.some((name) => leg.name.startsWith(name))) : legs;
}

const failing = (checks) => [...new Set(checks.filter(isFailed).map(({ id }) => id))];

// Of the scenarios beside the required ones: what failed and is not expected to, and the reverse.
function judgeUnscored(checks, scored, unscored) {
  const problems = [];
  for (const [scenario, list] of checks) {
    if (scored.has(scenario)) continue;
    const isExpected = unscored.includes(scenario);
    const failed = failing(list);
    if (failed.length && !isExpected) problems.push(`${scenario} fails: ${failed.join(", ")}`);
    if (!failed.length && isExpected) problems.push(`${scenario} is expected to fail and passes`);
  }
  return problems;
}

// The checks that pass with the fixture alone and not through the program: "scenario:check".
function differences(checks, baseline, isRequired) {
  const lost = [];
  for (const [scenario, list] of [...baseline].filter(([name]) => isRequired(name))) {
    const now = new Set(failing(checks.get(scenario) ?? []));
    const seen = new Set((checks.get(scenario) ?? []).map(({ id }) => id));
    const passed = list.filter((check) => check.status === "SUCCESS").map(({ id }) => id);
    for (const id of new Set(passed)) if (now.has(id) || !seen.has(id)) lost.push(`${scenario}:${id}`);
  }
  return lost;
}

function lostOf(leg, checks, baseline) {
  const scored = required(leg.side, leg.revision);
  const lost = differences(checks, baseline, (scenario) => scored.has(scenario));
  return { lost, lostBeside: differences(checks, baseline, (scenario) => !scored.has(scenario)) };
}

function summary(leg, { code, checks }) {
  const scored = required(leg.side, leg.revision);
  const passes = ([, list]) => failing(list).length === 0;
  const own = [...checks].filter(([scenario]) => scored.has(scenario));
  const rest = [...checks].filter(([scenario]) => !scored.has(scenario));
  const all = [...checks.values()].flat();
  return {
    code,
    required: `${own.filter(passes).length}/${scored.size}`,
    others: `${rest.filter(passes).length}/${rest.length}`,
    checks: `${all.filter(({ status }) => status === "SUCCESS").length}/${all.filter((check) => isFailed(check)).length}`,
    missing: [...scored].filter((scenario) => !checks.has(scenario)),
  };
}

async function runLeg(leg, baselines) {
  const began = Date.now();
  const world = worldOf(leg);
  const folder = join(results, leg.name);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const { file, unscored } = expected(leg.name);
  let outcome, problems;
  try {
    const ran = await runSuite(leg.side, leg.revision, { target: await leg.start(world), folder, file });
    outcome = summary(leg, ran);
    problems = judgeUnscored(ran.checks, required(leg.side, leg.revision), unscored);
    if (ran.code !== 0) problems.unshift(`the suite ends with ${ran.code}: see ${join(folder, "suite.log")}`);
    if (outcome.missing.length) problems.push(`not run: ${outcome.missing.join(", ")}`);
    baselines.set(leg.name, ran.checks);
    const baseline = baselines.get(leg.sameAs);
    if (baseline) Object.assign(outcome, lostOf(leg, ran.checks, baseline));
  } catch (error) {
    problems = [...(problems ?? []), error.message];
  }
  await closed(world, folder, problems);
  return { leg, ...outcome, problems, seconds: (Date.now() - began) / 1000 };
}

// Ends what ran; a message of the program that is not valid is a problem of the leg.
async function closed(world, folder, problems) {
  try {
    await world.close();
  } catch (error) {
    problems.push(error.message.split("\n")[0]);
    appendFileSync(join(folder, "suite.log"), `\n${error.message}\n`);
    faults.clear();
  }
  for (const { log } of world.children) appendFileSync(join(folder, "programs.log"), log.map((event) => `${JSON.stringify(event)}\n`).join(""));
}

const row = (...cells) => [38, 10, 8, 12, 20, 8].map((width, n) => String(cells[n]).padEnd(width)).join("").trimEnd();

function sameness({ leg, lost }) {
  if (!leg.sameAs) return "";
  if (!lost) return "fixture not run";
  return lost.length ? `${lost.length} checks fewer` : "yes";
}


function print(outcome) {
  const { leg, problems, seconds } = outcome;
  console.log(row(leg.name, outcome.required ?? "-", outcome.others ?? "-", outcome.checks ?? "-", sameness(outcome), `${seconds.toFixed(1)} s`));
  for (const problem of problems) console.log(`    FAILED ${problem}`);
  for (const lost of outcome.lost ?? []) console.log(`    fewer: ${lost}`);
  for (const lost of outcome.lostBeside ?? []) console.log(`    fewer beside what is required: ${lost}`);
}

const names = process.argv.slice(2);
if (names[0] === "--list") {
  for (const { name } of legs) console.log(name);
} else {
  const baselines = new Map();
  const outcomes = [];
  console.log(row("leg", "required", "others", "ok/failed", "same as the fixture", "time"));
  for (const leg of chosen(names)) {
    outcomes.push(await runLeg(leg, baselines));
    print(outcomes.at(-1));
  }
  const failed = outcomes.filter(({ problems }) => problems.length);
  console.log(`\n${outcomes.length - failed.length} passed, ${failed.length} failed`);
  process.exitCode = failed.length ? 1 : 0;
}
