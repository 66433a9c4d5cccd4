// The JSON Schema Test Suite against the generated types: each valid instance must be assignable to
// the type of its schema; of the invalid ones as many as possible should not be.
//
//     node schema_suite.mjs SCHEMA_TYPES TSC_FOLDER SUITE_FOLDER
//
// Prints both rates per keyword, which schema_suite.txt must say too; UPDATE_GOLDEN=1 writes that
// file anew, unless a rate would fall.  Fails when a valid instance is refused that `exceptions` does
// not name with a reason.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ratesOf, readSuite, tryGenerator } from './schema_cases.mjs';
import { schemaTypes } from './schema_types.mjs';

const [program, tsc, suite] = process.argv.slice(2);
const ratesFile = join(import.meta.dirname, 'schema_suite.txt');

// "draft/file: group: test": why TypeScript can't say it.
const exceptions = new Map();

function unexpected(results) {
  return results.filter(({ group, test, refused }) =>
    refused === null || (test.valid && refused && !exceptions.has(`${group.name}: ${test.description}`)));
}

function table(rates) {
  const row = (...columns) => columns[0].padEnd(28) + columns[1].padStart(16) + columns[2].padStart(18);
  const lines = [...rates].map(([keyword, rate]) =>
    row(keyword, `${rate.accepted}/${rate.valid}`, `${rate.refused}/${rate.invalid}`));
  return [row('keyword', 'valid accepted', 'invalid refused'), ...lines, ''].join('\n');
}

// The keywords whose rates are below those of an earlier table.
function fallen(now, before) {
  const counts = (line) => [...line.matchAll(/(\d+)\/\d+/g)].map((match) => Number(match[1]));
  const earlier = new Map(before.split('\n').map((line) => [line.split(' ')[0], counts(line)]));
  return now.split('\n').filter((line) => {
    const were = earlier.get(line.split(' ')[0]) ?? [];
    return counts(line).some((count, i) => count < (were[i] ?? 0));
  });
}

const results = await tryGenerator(schemaTypes(program, 'exact'), readSuite(suite), tsc);
const now = table(ratesOf(results));
const before = existsSync(ratesFile) ? readFileSync(ratesFile, 'utf8') : '';
const faults = unexpected(results);
const lower = fallen(now, before);

process.stdout.write(now);
for (const { group, test, type, message } of faults)
  console.log(`refused though valid: ${group.name}: ${test.description}\n  ${JSON.stringify(test.data)}\n  ${type}\n  ${message}`);
for (const line of lower) console.log(`fell: ${line}`);
if (now !== before && lower.length + faults.length === 0) {
  if (process.env.UPDATE_GOLDEN) writeFileSync(ratesFile, now);
  else console.log('the rates rose: write schema_suite.txt anew with UPDATE_GOLDEN=1');
}
if (faults.length || lower.length || (now !== before && !process.env.UPDATE_GOLDEN)) process.exitCode = 1;
