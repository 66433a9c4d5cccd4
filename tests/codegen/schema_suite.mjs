// The JSON Schema Test Suite against the generated types, in both readings of codegen/README.md: each
// valid instance must be assignable to the type of its schema; of the invalid ones as many as
// possible should not be.
//
//     node schema_suite.mjs SCHEMA_TYPES TSC_FOLDER SUITE_FOLDER
//
// By the letter no valid instance may be refused.  As declared one may be that the schema, with what
// that reading adds to it written out (schema_declared.mjs), refuses too.  What else is refused must
// be named below with a reason.
//
// Prints the rates per keyword, which schema_suite.txt must say too; UPDATE_GOLDEN=1 writes that file
// anew, unless a rate would fall.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ratesOf, readSuite, tryGenerator } from './schema_cases.mjs';
import { asDeclared } from './schema_declared.mjs';
import { schemaTypes } from './schema_types.mjs';

const [program, tsc, suite] = process.argv.slice(2);
const ratesFile = join(import.meta.dirname, 'schema_suite.txt');

// "draft/file: group: test": why.  By the letter there is none.
const onlyAllKeys = 'a pattern that is no plain text becomes the type of all keys, and the instance has a key that nothing describes';
const exceptions = {
  exact: new Map(),
  declared: new Map([
    ['draft7/patternProperties: regexes are not anchored by default and are case sensitive: regexes are case sensitive', onlyAllKeys],
    ['draft2020-12/patternProperties: regexes are not anchored by default and are case sensitive: regexes are case sensitive', onlyAllKeys],
    ['draft2020-12/dependentSchemas: single dependency: no dependency', 'what only a condition describes is described so whether it holds or not'],
    ["draft2020-12/dynamicRef: A $dynamicRef that initially resolves to a schema without a matching $dynamicAnchor behaves like a normal $ref to $anchor: The recursive part doesn't need to validate against the root",
      'the instance has a property that nothing describes, in a definition'],
  ]),
};

// `explained[i]`: the i-th instance is refused by what the reading adds.
function unexpected(results, reading, explained) {
  return results.filter(({ group, test, refused }, i) =>
    refused === null || (test.valid && refused && !explained[i] && !exceptions[reading].has(`${group.name}: ${test.description}`)));
}

// An exception that nothing needs any more.
function unneeded(results, reading) {
  const names = new Set(results.filter(({ test, refused }) => test.valid && refused).map(({ group, test }) => `${group.name}: ${test.description}`));
  return [...exceptions[reading].keys()].filter((name) => !names.has(name));
}

function table(exact, declared) {
  const row = (...columns) => columns[0].padEnd(24) + columns.slice(1).map((column) => column.padStart(18)).join('');
  const shares = (rate) => [`${rate.accepted}/${rate.valid}`, `${rate.refused}/${rate.invalid}`];
  const lines = [...exact].map(([keyword, rate]) => row(keyword, ...shares(rate), ...shares(declared.get(keyword))));
  return [row('', 'by the letter', '', 'as declared', ''), row('keyword', 'valid accepted', 'invalid refused', 'valid accepted', 'invalid refused'),
    ...lines, ''].join('\n');
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

const groups = readSuite(suite);
const exact = await tryGenerator(schemaTypes(program, 'exact'), groups, tsc);
const declared = await tryGenerator(schemaTypes(program, 'declared'), groups, tsc);
const written = await tryGenerator(schemaTypes(program, 'exact'), groups.map((group) => ({ ...group, schema: asDeclared(group.schema) })), tsc);
const explained = written.map(({ refused }) => refused === true);

const now = table(ratesOf(exact), ratesOf(declared));
const before = existsSync(ratesFile) ? readFileSync(ratesFile, 'utf8') : '';
const faults = [...unexpected(exact, 'exact', []), ...unexpected(declared, 'declared', explained)];
const leftOver = [...unneeded(exact, 'exact'), ...unneeded(declared, 'declared')];
const lower = fallen(now, before);

process.stdout.write(now);
const refusedAsDeclared = declared.filter(({ test, refused }) => test.valid && refused).length;
console.log(`as declared ${refusedAsDeclared} valid instances are refused: ${refusedAsDeclared - exceptions.declared.size} by the kinds and names that are described, and`);
for (const [name, reason] of exceptions.declared) console.log(`  ${name}\n    ${reason}`);
for (const { group, test, type, message } of faults)
  console.log(`refused though valid: ${group.name}: ${test.description}\n  ${JSON.stringify(test.data)}\n  ${type}\n  ${message}`);
for (const name of leftOver) console.log(`no exception any more: ${name}`);
for (const line of lower) console.log(`fell: ${line}`);
const bad = faults.length + leftOver.length + lower.length > 0;
if (now !== before && !bad) {
  if (process.env.UPDATE_GOLDEN) writeFileSync(ratesFile, now);
  else console.log('the rates rose: write schema_suite.txt anew with UPDATE_GOLDEN=1');
}
if (bad || (now !== before && !process.env.UPDATE_GOLDEN)) process.exitCode = 1;
