// Writes the exact number of o200k tokens of each file of a folder into its counts.txt, for the
// test of describe_tokens():
//
//     npm install --prefix /tmp/tokens gpt-tokenizer@4.0.0
//     node tests/tools/count_tokens.mjs /tmp/tokens tests/fixtures/tokens
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';

const [prefix, folder] = process.argv.slice(2);
const require = createRequire(resolve(prefix, 'package.json'));
const { countTokens } = require('gpt-tokenizer/encoding/o200k_base');
const lines = readdirSync(folder)
  .filter((name) => name !== 'counts.txt')
  .sort()
  .map((name) => `${name} ${countTokens(readFileSync(join(folder, name), 'utf8'))}\n`);
writeFileSync(join(folder, 'counts.txt'), lines.join(''));
