// What servers' tools cost a model, in exact o200k tokens: the raw list, the compact form of codegen/,
// and the types that @cloudflare/codemode generates.
//
//     node tokens.mjs PACKAGES DECLARE CATALOGUE...
//
// Fails when the compact form of all servers together is over 25 % of the raw lists or 45 % of the
// other types.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { cloudflareCodemode, tokenCounter } from './generators.mjs';

const MOST_OF_RAW = 0.25;
const MOST_OF_OTHER = 0.45;

const [packages, declare, ...files] = process.argv.slice(2);
const other = await cloudflareCodemode(packages);
const count = await tokenCounter(packages);

function measure(file) {
  const { tools } = JSON.parse(readFileSync(file, 'utf8'));
  const compact = execFileSync(declare, ['compact', file], { encoding: 'utf8', maxBuffer: 1 << 28 });
  return {
    name: basename(file, '.json'),
    tools: tools.length,
    raw: count(JSON.stringify({ tools })),
    other: count(other.declareTools(tools)),
    compact: count(compact),
  };
}

function print({ name, tools, raw, other: theirs, compact }) {
  const share = (whole) => `${((100 * compact) / whole).toFixed(1)} %`;
  console.log(name.padEnd(52) + [tools, raw, theirs, compact, share(raw), share(theirs)]
    .map((column) => String(column).padStart(12)).join(''));
}

const measured = files.map(measure).filter(({ tools }) => tools > 0);
const total = { name: `${measured.length} servers` };
for (const key of ['tools', 'raw', 'other', 'compact'])
  total[key] = measured.reduce((sum, one) => sum + one[key], 0);

console.log('o200k tokens'.padEnd(52) + ['tools', 'tools/list', 'codemode', 'compact', 'of list', 'of codemode']
  .map((column) => column.padStart(12)).join(''));
[...measured, total].forEach(print);
if (total.compact > total.raw * MOST_OF_RAW || total.compact > total.other * MOST_OF_OTHER) {
  console.log(`over ${MOST_OF_RAW * 100} % of the lists or ${MOST_OF_OTHER * 100} % of codemode's types`);
  process.exitCode = 1;
}
