// The cases: each file of cases/ says in its first lines what it tries, what
// must stop it, and what the client must see.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { here, layers, outcome, words } from "./escape.mjs";

const folder = join(here, "cases");

function fields(text) {
  return Object.fromEntries([...text.matchAll(/^\/\/ ([A-Z][a-z ]+): (.*)$/gm)].map(([, name, value]) => [name, value]));
}

function read(name) {
  const code = readFileSync(join(folder, name), "utf8");
  const found = fields(code);
  for (const field of ["Tries", "Stopped by", "Client sees"]) assert.ok(found[field], `${name} does not say "${field}"`);
  for (const layer of found["Stopped by"].split(" | ")) assert.ok(layers().has(layer), `${name}: no layer "${layer}" (README.md)`);
  const sees = found["Client sees"].split(" | ");
  return {
    name: name.replace(/\.ts$/, ""),
    code,
    tries: found.Tries,
    sees,
    endsByTime: sees.some((each) => /^(Cpu|Time)Limit/.test(each)),
    worker: found.Worker ?? "plain",
    fits: found.Only === undefined || found.Only === process.arch,
  };
}

// All cases that this machine can run.
export function allCases() {
  const names = readdirSync(folder, { recursive: true }).filter((name) => name.endsWith(".ts"));
  return names.sort().map(read).filter(({ fits }) => fits);
}

// "value JSON", "shows WORDS" of a success, "KIND: WORDS" of a failure; words stand between semicolons.
function fulfils(wanted, { kind, text }) {
  const [, head, rest = ""] = /^(\w+):? ?(.*)$/.exec(wanted);
  if (head === "value") return kind === "value" && same(text, rest);
  if (head === "shows") return kind === "value" && words(rest).every((word) => text.includes(word));
  return kind === head && words(rest).every((word) => text.includes(word));
}

function same(text, json) {
  try {
    assert.deepEqual(JSON.parse(text), JSON.parse(json));
    return true;
  } catch {
    return JSON.stringify(text) === json;
  }
}

const SECRETS = /never seen by a script|only the hub knows|\/libnode|mcpfold-isolate|mcpfold:\w+\.js/;

// Fails unless the client saw what the case says, or one of these kinds.
export function judge(testCase, result, kinds = []) {
  const seen = outcome(result);
  const shown = `${testCase.name}: ${seen.kind} ${seen.text.slice(0, 600)}`;
  const asSaid = kinds.includes(seen.kind) || testCase.sees.some((wanted) => fulfils(wanted, seen));
  assert.ok(asSaid, `wanted ${testCase.sees.join(" | ")}, saw ${shown}`);
  assert.doesNotMatch(seen.text, SECRETS, shown);
}
