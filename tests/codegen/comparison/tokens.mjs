// What servers' tools cost a model, in exact o200k tokens: the raw list, the compact form of codegen/,
// and the types that @cloudflare/codemode generates.
//
//     node tokens.mjs PACKAGES DECLARE CATALOGUE...
//
// Beside it, how far the estimate of codegen/describe_tokens.c is off.  Fails when the compact form of
// all servers together is over 25 % of the raw lists or 45 % of the other types, or the estimate for
// all of them is over 10 % off.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { cloudflareCodemode, tokenCounter } from './generators.mjs';

const MOST_OF_RAW = 0.25;
const MOST_OF_OTHER = 0.45;
const MOST_OFF = 0.1;

const [packages, declare, ...files] = process.argv.slice(2);
const other = await cloudflareCodemode(packages);
const count = await tokenCounter(packages);

const run = (command, file) => execFileSync(declare, [command, file], { encoding: 'utf8', maxBuffer: 1 << 28 });

function measure(file) {
  const { tools } = JSON.parse(readFileSync(file, 'utf8'));
  return {
    name: basename(file, '.json'),
    tools: tools.length,
    raw: count(JSON.stringify({ tools })),
    other: count(other.declareTools(tools)),
    compact: count(run('compact', file)),
    estimate: Number(run('tokens', file)),
  };
}

const off = ({ compact, estimate }) => estimate / compact - 1;

function print(server) {
  const { name, tools, raw, other: theirs, compact } = server;
  const share = (whole) => `${((100 * compact) / whole).toFixed(1)} %`;
  console.log(name.padEnd(52) + [tools, raw, theirs, compact, share(raw), share(theirs), `${(100 * off(server)).toFixed(1)} %`]
    .map((column) => String(column).padStart(12)).join(''));
}

const measured = files.map(measure).filter(({ tools }) => tools > 0);
const total = { name: `${measured.length} servers` };
for (const key of ['tools', 'raw', 'other', 'compact', 'estimate'])
  total[key] = measured.reduce((sum, one) => sum + one[key], 0);

console.log('o200k tokens'.padEnd(52) + ['tools', 'tools/list', 'codemode', 'compact', 'of list', 'of codemode', 'estimate off']
  .map((column) => column.padStart(12)).join(''));
[...measured, total].forEach(print);
if (total.compact > total.raw * MOST_OF_RAW || total.compact > total.other * MOST_OF_OTHER) {
  console.log(`over ${MOST_OF_RAW * 100} % of the lists or ${MOST_OF_OTHER * 100} % of codemode's types`);
  process.exitCode = 1;
}
const worst = measured.reduce((most, one) => (Math.abs(off(one)) > Math.abs(off(most)) ? one : most));
const within = measured.filter((one) => Math.abs(off(one)) <= MOST_OFF).length;
console.log(`estimate: within ${MOST_OFF * 100} % for ${within} of ${measured.length} servers, furthest off ${(100 * off(worst)).toFixed(1)} % (${worst.name}, ${worst.compact} tokens)`);
if (Math.abs(off(total)) > MOST_OFF) process.exitCode = 1;
