// The generators that codegen/ is compared with, as schema_cases.mjs takes them.
import { createRequire, registerHooks } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

// The package is made for Cloudflare's runtime; its generator needs nothing of that.
const runtimeStub = 'data:text/javascript,export class DurableObject {} export class RpcTarget {} export class WorkerEntrypoint {}';
registerHooks({
  resolve(specifier, context, next) {
    if (specifier !== 'cloudflare:workers') return next(specifier, context);
    return { url: runtimeStub, format: 'module', shortCircuit: true };
  },
});

function importFrom(packages, name) {
  const require = createRequire(join(packages, 'package.json'));
  return import(pathToFileURL(require.resolve(name)).href);
}

async function each(groups, declare) {
  const types = [];
  for (const group of groups) {
    try {
      types.push(await declare(structuredClone(group.schema)));
    } catch {
      types.push(null);
    }
  }
  return types;
}

// It names the root after `title` or `$id` when there is one; the root comes first then.
function rootOf(text) {
  if (/^export (type|interface) Root\b/m.test(text)) return text;
  return `${text}\ntype Root = ${/^export (?:type|interface) (\w+)/m.exec(text)[1]};`;
}

export async function jsonSchemaToTypescript(packages) {
  const { compile } = await importFrom(packages, 'json-schema-to-typescript');
  const options = { bannerComment: '', format: false, $refOptions: { resolve: { http: false, file: false } } };
  return {
    name: 'json-schema-to-typescript',
    declare: (groups) => each(groups, async (schema) => rootOf(await compile(schema, 'Root', options))),
  };
}

export async function cloudflareCodemode(packages) {
  const { jsonSchemaToType, generateTypesFromJsonSchema } = await importFrom(packages, '@cloudflare/codemode');
  return {
    name: '@cloudflare/codemode',
    declare: (groups) => each(groups, async (schema) => jsonSchemaToType(schema, 'Root')),
    // The text a model is shown of a server's tools.
    declareTools: (tools) => generateTypesFromJsonSchema(Object.fromEntries(tools.map((tool) => [tool.name, tool]))),
  };
}

// Exact o200k tokens of a text.
export async function tokenCounter(packages) {
  const { countTokens } = await importFrom(packages, 'gpt-tokenizer/encoding/o200k_base');
  // Text that looks like the model's own marks is text here.
  return (text) => countTokens(text, { disallowedSpecial: new Set() });
}
