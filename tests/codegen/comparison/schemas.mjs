// The JSON Schema Test Suite with codegen/ and other generators, by the same harness: per keyword how
// many valid instances are accepted and how many invalid ones refused.
//
//     node schemas.mjs PACKAGES SCHEMA_TYPES TSC_FOLDER SUITE_FOLDER
import { ratesOf, readSuite, tryGenerator } from '../schema_cases.mjs';
import { schemaTypes } from '../schema_types.mjs';
import { cloudflareCodemode, jsonSchemaToTypescript } from './generators.mjs';

const [packages, program, tsc, suite] = process.argv.slice(2);
const groups = readSuite(suite);
const generators = [
  schemaTypes(program, 'exact'),
  schemaTypes(program, 'declared'),
  await jsonSchemaToTypescript(packages),
  await cloudflareCodemode(packages),
];

const tried = [];
for (const generator of generators) {
  const results = await tryGenerator(generator, groups, tsc);
  const broken = new Set(results.filter((result) => result.refused === null).map((result) => result.group));
  tried.push({ name: generator.name, rates: ratesOf(results), broken: broken.size });
}

const wide = 28;
console.log('valid instances accepted, invalid ones refused\n');
console.log('keyword'.padEnd(wide) + tried.map(({ name }) => name.padStart(wide)).join(''));
for (const keyword of tried[0].rates.keys()) {
  const columns = tried.map(({ rates }) => {
    const rate = rates.get(keyword);
    return `${rate.accepted}/${rate.valid}  ${rate.refused}/${rate.invalid}`.padStart(wide);
  });
  console.log(keyword.padEnd(wide) + columns.join(''));
}
const percent = (part, whole) => `${((100 * part) / whole).toFixed(1)} %`;
const share = ({ rates }) => {
  const rate = rates.get('total');
  return `${percent(rate.accepted, rate.valid)}  ${percent(rate.refused, rate.invalid)}`;
};
console.log('share'.padEnd(wide) + tried.map((one) => share(one).padStart(wide)).join(''));
console.log('schemas without a sound type'.padEnd(wide) + tried.map(({ broken }) => String(broken).padStart(wide)).join(''));
