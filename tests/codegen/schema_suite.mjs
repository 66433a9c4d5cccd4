// The JSON Schema Test Suite against the generated types: each valid instance must be assignable to
// the type of its schema; of the invalid ones as many as possible should not be.
//
//     node schema_suite.mjs SCHEMA_TYPES TSC_FOLDER SUITE_FOLDER
//
// Prints both rates per keyword.  Fails when a valid instance is refused that `exceptions` does not
// name with a reason.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const [schemaTypes, tscFolder, suite] = process.argv.slice(2);
const drafts = ['draft7', 'draft2020-12'];

// "draft/file: group: test": why TypeScript can't say it.
const everyObjectHasIt = 'every value has `constructor` and `toString`, which an optional property must fit';
const exceptions = new Map(drafts.map((draft) => [
  `${draft}/properties: properties whose names are Javascript object property names: none of the properties mentioned`,
  everyObjectHasIt,
]));

function readGroups(draft) {
  const folder = join(suite, 'tests', draft);
  const files = readdirSync(folder).filter((name) => name.endsWith('.json')).sort();
  return files.flatMap((file) =>
    JSON.parse(readFileSync(join(folder, file), 'utf8')).map((group) => ({
      ...group,
      keyword: file.replace('.json', ''),
      raw: group.schema,
    })));
}

// An instance as an expression: `__proto__` in a literal would set the prototype.
function expression(value) {
  if (Array.isArray(value)) return `[${value.map(expression).join(', ')}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  const members = Object.entries(value).map(([name, member]) =>
    `${name === '__proto__' ? '["__proto__"]' : JSON.stringify(name)}: ${expression(member)}`);
  return `{ ${members.join(', ')} }`;
}

function checkDraft(draft, folder) {
  const groups = readGroups(draft);
  const schemas = join(folder, `${draft}.json`);
  writeFileSync(schemas, JSON.stringify(groups.map((group) => group.schema)));
  const types = execFileSync(schemaTypes, [schemas], { encoding: 'utf8', maxBuffer: 1 << 28 });
  const lines = types.trimEnd().split('\n');
  const cases = new Map();
  groups.forEach((group, index) => group.tests.forEach((test) => {
    lines.push(`{ const value: T${index} = ${expression(test.data)}; }`);
    cases.set(lines.length, { group, test, name: `${draft}/${group.keyword}: ${group.description}: ${test.description}` });
  }));
  const file = join(folder, `${draft}.ts`);
  writeFileSync(file, `${lines.join('\n')}\nexport {};\n`);
  const run = spawnSync(join(tscFolder, 'tsc'), ['--noEmit', '--strict', '--target', 'esnext',
    '--module', 'esnext', '--lib', 'esnext', '--types', '', '--pretty', 'false', file],
    { encoding: 'utf8', maxBuffer: 1 << 28 });
  const refused = new Map();
  for (const line of run.stdout.split('\n')) {
    const match = /\.ts\((\d+),\d+\): error (.*)$/.exec(line);
    if (match && !refused.has(Number(match[1]))) refused.set(Number(match[1]), match[2]);
  }
  return { cases, refused, types: lines };
}

const folder = mkdtempSync(join(tmpdir(), 'schema-suite-'));
const rates = new Map();
let faults = 0;
try {
  for (const draft of drafts) {
    const { cases, refused, types } = checkDraft(draft, folder);
    for (const [line, message] of refused) {
      if (!cases.has(line)) {
        console.log(`the type itself does not compile: ${types[line - 1]}\n  ${message}`);
        faults++;
      }
    }
    for (const [line, { group, test, name }] of cases) {
      const rate = rates.get(group.keyword) ?? { valid: 0, accepted: 0, invalid: 0, refused: 0 };
      rates.set(group.keyword, rate);
      if (!test.valid) {
        rate.invalid++;
        rate.refused += refused.has(line) ? 1 : 0;
        continue;
      }
      rate.valid++;
      if (!refused.has(line)) {
        rate.accepted++;
      } else if (!exceptions.has(name)) {
        console.log(`refused though valid: ${name}\n  ${types[line - 1]}\n  ${refused.get(line)}`);
        console.log(`  ${types[Number(/T(\d+)/.exec(types[line - 1])[1])].slice(0, 400)}`);
        faults++;
      }
    }
  }
} finally {
  rmSync(folder, { recursive: true });
}

const total = { valid: 0, accepted: 0, invalid: 0, refused: 0 };
console.log('keyword'.padEnd(28), 'valid accepted'.padStart(16), 'invalid refused'.padStart(18));
for (const [keyword, rate] of [...rates, ['total', total]]) {
  const valid = `${rate.accepted}/${rate.valid}`, invalid = `${rate.refused}/${rate.invalid}`;
  console.log(keyword.padEnd(28), valid.padStart(16), invalid.padStart(18));
  if (rate !== total) for (const key of Object.keys(total)) total[key] += rate[key];
}
if (total.valid === 0) throw new Error(`no tests in ${suite}`);
process.exitCode = faults ? 1 : 0;
