/*
 * Stripping against TypeScript's own emit, on real files from npm: both
 * results are parsed, and the trees must be equal.
 *
 *     node --expose-internals strip.mjs STRIP_TYPES TSC FOLDER...
 *
 * Prints the figures; exits with 1 when a file differs, or when fewer than
 * MIN_FILES were compared.
 */
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import { createRequire } from "node:module";
import os from "node:os";
import path from "node:path";

const acorn = createRequire(import.meta.url)("internal/deps/acorn/acorn/dist/acorn");
const MIN_FILES = 500;
const [stripTypes, tsc, ...folders] = process.argv.slice(2);

/* Files whose syntax the grammar does not know, with the reason; the stripper refuses them loudly. */
const REFUSED = new Map([["eventsource/src/index.ts", "export type * from"]]);

function mayBeRefused(file) {
  return [...REFUSED.keys()].some((name) => file.endsWith(name));
}

function findFiles(folder) {
  return fs
    .readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.[mc]?ts$/.test(entry.name) && !/\.d\.[mc]?ts$/.test(entry.name))
    .map((entry) => path.join(entry.parentPath ?? entry.path, entry.name))
    .sort();
}

/* TypeScript's emit of all files: a map from the file to its JavaScript. */
function emitAll(files) {
  const work = fs.mkdtempSync(path.join(os.tmpdir(), "mcpfold-strip-"));
  files.forEach((file, i) => fs.copyFileSync(file, path.join(work, `f${i}.ts`)));
  const options = {
    compilerOptions: {
      target: "esnext", module: "esnext", moduleResolution: "bundler", verbatimModuleSyntax: true, noCheck: true,
      noResolve: true, noLib: true, types: [], removeComments: true, outDir: "out", rootDir: ".",
      newLine: "lf",
    },
    files: files.map((_, i) => `f${i}.ts`),
  };
  fs.writeFileSync(path.join(work, "tsconfig.json"), JSON.stringify(options));
  spawnSync(tsc, ["-p", work], { encoding: "utf8" });
  const emitted = new Map(
    files.map((file, i) => {
      const out = path.join(work, "out", `f${i}.js`);
      return [file, fs.existsSync(out) ? fs.readFileSync(out, "utf8") : null];
    }),
  );
  fs.rmSync(work, { recursive: true });
  return emitted;
}

/* Lists of exports may name types, which are nothing to JavaScript. */
function withoutExportLists(code) {
  return code.replace(/^export \{[^}]*\}( from .*)?;$/gm, "");
}

function parse(code) {
  return acorn.parse(withoutExportLists(code), { ecmaVersion: "latest", sourceType: "module", allowReturnOutsideFunction: true,
                             allowHashBang: true, checkPrivateFields: false, allowImportExportEverywhere: true });
}

/* What both sides may write differently without a difference in behaviour. */
function isNothing(node) {
  return (
    node?.type === "EmptyStatement" ||
    (node?.type === "ExportNamedDeclaration" && !node.declaration) ||
    node?.type === "ExportAllDeclaration" ||
    node?.type === "ImportDeclaration"
  );
}

/* The name whose function is called with an object: `(function (N) {})(N || (N = {}))`, `(N=>{})(N)`. */
function calledObject(node) {
  const callee = node?.type === "ExpressionStatement" ? node.expression?.callee : node?.callee;
  const made = callee?.type === "FunctionExpression" || callee?.type === "ArrowFunctionExpression";
  return made && callee.params.length === 1 ? callee.params[0].name : undefined;
}

/* Enums and namespaces have another shape here than TypeScript's: of each only its name is compared, at
 * its place; they are run in another test. */
function objectOf(node) {
  const statement = node.type === "ExportNamedDeclaration" && node.declaration ? node.declaration : node;
  const [variable, more] = statement.type === "VariableDeclaration" ? statement.declarations : [];
  if (variable && !more && calledObject(variable.init) === variable.id.name) return variable.id.name;
  return calledObject(statement);
}

/* `export var N;`, which TypeScript writes before the call that makes N. */
function isAnnounced(node, next) {
  const statement = node.type === "ExportNamedDeclaration" && node.declaration ? node.declaration : node;
  const [variable, more] = statement.type === "VariableDeclaration" ? statement.declarations : [];
  return variable && !more && !variable.init && next && calledObject(next) === variable.id.name;
}

function plainList(list) {
  const items = list.filter((item) => !isNothing(item));
  return items
    .filter((item, i) => !item || !isAnnounced(item, items[i + 1]))
    .map((item) => (item && objectOf(item) ? { object: objectOf(item) } : plain(item)));
}

function plain(node) {
  if (Array.isArray(node)) return plainList(node);
  if (typeof node === "bigint") return `${node}n`;
  if (node instanceof RegExp) return String(node);
  if (!node || typeof node !== "object") return node;
  if (node.type === "ExportNamedDeclaration") return plain(node.declaration);
  const result = {};
  for (const [key, value] of Object.entries(node)) {
    if (["start", "end", "raw", "range", "loc"].includes(key)) continue;
    result[key] = plain(value);
  }
  return result;
}

function firstDifference(a, b, at = "") {
  if (typeof a !== typeof b || a === null || b === null || typeof a !== "object")
    return a === b ? null : `${at}: ${JSON.stringify(a)?.slice(0, 120)} | ${JSON.stringify(b)?.slice(0, 120)}`;
  for (const key of new Set([...Object.keys(a), ...Object.keys(b)])) {
    const found = firstDifference(a[key], b[key], `${at}/${key}`);
    if (found) return found;
  }
  return null;
}

const files = folders.flatMap(findFiles);
const count = { equal: 0, refused: 0, different: 0, positions: 0 };
const emitted = emitAll(files);

for (const file of files) {
  const code = fs.readFileSync(file, "utf8");
  const run = spawnSync(stripTypes, [], { input: code, encoding: "utf8", maxBuffer: 1 << 26 });
  if (run.status !== 0) {
    count[mayBeRefused(file) ? "refused" : "different"]++;
    console.log(`refused   ${file}: ${run.stderr.trim()}`);
    continue;
  }
  const lines = (text) => text.split("\n").length;
  if (lines(run.stdout) !== lines(code)) {
    count.positions++;
    console.log(`lines     ${file}`);
  }
  try {
    const difference = firstDifference(plain(parse(emitted.get(file)).body), plain(parse(run.stdout).body));
    if (difference) throw new Error(difference);
    count.equal++;
  } catch (error) {
    count.different++;
    console.log(`different ${file}: ${error.message}`);
  }
}
console.log(`${files.length} files: ${JSON.stringify(count)}`);
const compared = count.equal + count.different;
process.exit(count.different || count.positions || compared < MIN_FILES ? 1 : 0);
