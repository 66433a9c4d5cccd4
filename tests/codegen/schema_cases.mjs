// The JSON Schema Test Suite as TypeScript: each instance is assigned to the type of its schema, and
// the compiler says which assignments it refuses.  Any generator of types can be tried:
//
//     { name, declare(groups): Promise<(string | null)[]> }
//
// `declare` gives, for each group, text that declares `type Root`, or null when it fails.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

// A folder of the suite is of one dialect, which few of its schemas name.
const dialects = {
  draft7: 'http://json-schema.org/draft-07/schema#',
  'draft2020-12': 'https://json-schema.org/draft/2020-12/schema',
};

function withDialect(schema, dialect) {
  return typeof schema === 'object' ? { $schema: dialect, ...schema } : schema;
}

function readDraft(suite, draft) {
  const folder = join(suite, 'tests', draft);
  const files = readdirSync(folder).filter((name) => name.endsWith('.json')).sort();
  return files.flatMap((file) => {
    const keyword = file.replace('.json', '');
    return JSON.parse(readFileSync(join(folder, file), 'utf8')).map((group) => ({
      ...group, schema: withDialect(group.schema, dialects[draft]), keyword, name: `${draft}/${keyword}: ${group.description}`,
    }));
  });
}

// The groups {name, keyword, schema, tests} of the required part of the suite.
export function readSuite(suite) {
  const groups = Object.keys(dialects).flatMap((draft) => readDraft(suite, draft));
  if (groups.length === 0) throw new Error(`no tests in ${suite}`);
  return groups;
}

// An instance as an expression: `__proto__` in a literal would set the prototype.
function expression(value) {
  if (Array.isArray(value)) return `[${value.map(expression).join(', ')}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  const members = Object.entries(value).map(([name, member]) =>
    `${name === '__proto__' ? '["__proto__"]' : JSON.stringify(name)}: ${expression(member)}`);
  return `{ ${members.join(', ')} }`;
}

// One module: the type, then an assignment a line; `first` is the line of the first assignment.
function moduleOf(type, tests) {
  const head = `export {};\n${type}\n`;
  const lines = tests.map((test) => `{ const value: Root = ${expression(test.data)}; }\n`);
  return { text: head + lines.join(''), first: head.split('\n').length };
}

// "FILE" → line → the first message, of what the compiler says of the files of a folder.
function diagnostics(tsc, folder) {
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({
    compilerOptions: {
      strict: true, target: 'esnext', module: 'esnext', lib: ['esnext'], types: [], noEmit: true,
    },
    include: ['*.ts'],
  }));
  const run = spawnSync(join(tsc, 'tsc'), ['-p', folder, '--pretty', 'false'],
    { encoding: 'utf8', maxBuffer: 1 << 28 });
  if (run.error) throw run.error;
  const files = new Map();
  for (const line of run.stdout.split('\n')) {
    const match = /(?:^|\/)(\w+\.ts)\((\d+),\d+\): error (.*)$/.exec(line);
    if (!match) continue;
    if (!files.has(match[1])) files.set(match[1], new Map());
    const messages = files.get(match[1]);
    if (!messages.has(Number(match[2]))) messages.set(Number(match[2]), match[3]);
  }
  if (run.status !== 0 && files.size === 0) throw new Error(`tsc: ${run.stdout}${run.stderr}`);
  return files;
}

// What became of each test: {group, test, type, refused, message}.  `refused` is null when there is
// no type, or one that does not compile: it accepts nothing, and that it refuses is no merit.
export async function tryGenerator(generator, groups, tsc) {
  const types = await generator.declare(groups);
  const folder = mkdtempSync(join(tmpdir(), 'schema-cases-'));
  try {
    const firsts = types.map((type, i) => {
      if (type === null) return 0;
      const { text, first } = moduleOf(type, groups[i].tests);
      writeFileSync(join(folder, `group${i}.ts`), text);
      return first;
    });
    const files = diagnostics(tsc, folder);
    return groups.flatMap((group, i) => {
      const messages = files.get(`group${i}.ts`) ?? new Map();
      const fault = types[i] === null ? 'no type' : [...messages].find(([line]) => line < firsts[i])?.[1];
      return group.tests.map((test, k) => {
        const message = fault ?? messages.get(firsts[i] + k);
        const refused = fault === undefined ? message !== undefined : null;
        return { group, test, type: types[i], refused, message };
      });
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const noRate = () => ({ valid: 0, accepted: 0, invalid: 0, refused: 0 });

// keyword → {valid, accepted, invalid, refused}, in the order of the suite, then `total`.
export function ratesOf(results) {
  const rates = new Map();
  const total = noRate();
  for (const { group, test, refused } of results) {
    if (!rates.has(group.keyword)) rates.set(group.keyword, noRate());
    for (const rate of [rates.get(group.keyword), total]) {
      rate.valid += test.valid ? 1 : 0;
      rate.accepted += test.valid && refused === false ? 1 : 0;
      rate.invalid += test.valid ? 0 : 1;
      rate.refused += !test.valid && refused === true ? 1 : 0;
    }
  }
  return rates.set('total', total);
}
