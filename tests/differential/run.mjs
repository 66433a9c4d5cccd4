/*
 * Prepared scripts, run: their values, and TypeScript's own for the same code
 * where it has syntax that stripping rewrites.
 *
 *     node run.mjs PREPARE_CODE TSC
 */
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import vm from "node:vm";

const [prepareCode, tsc] = process.argv.slice(2);
const globals = { input: { a: 7 }, later: async (x) => x, console };

/* [code, value]: the forms code may have. */
const forms = [
  ["1 + 1", 2],
  ["const x = 2; x * 3", 6],
  ["const x = 2;\nx * 3;", 6],
  ["const x = 2\nx * 3 // the result", 6],
  ["const x = 2 // first\nx * 3", 6],
  ["const s = `\n`; s.length", 1],
  ["return 5", 5],
  ["if (input) { return 1 }\n2", 1],
  ["await later(3)", 3],
  ["later(3)", 3],
  ["const a = await later(1), b = await later(2);\na + b", 3],
  ["async () => { return 4 }", 4],
  ["async () => { return 4 };", 4],
  ["(async () => { return 4 })", 4],
  ["(async () => { return 4 })()", 4],
  ["async (input: { a: number }) => input.a", 7],
  ["input => input.a", 7],
  ["async function () { return 4 }", 4],
  ["function () { return 4 }", 4],
  ["async function work() { return 4 }", 4],
  ["const helper = 1;\nasync function main() { return helper }", 1],
  ["async function main(i: any) { return i.a }", 7],
  ["async function main() { return 1 }\nmain()", 1],
  ["main();\nasync function main() { return 1 }", 1],
  ["async function main() { return 1 }\nreturn await main()", 1],
  ["function helper() { return 2 }\nasync function run() { return helper() }", 2],
  ["const main = async () => 3", 3],
  ["export default async function main() { return 1 }", 1],
  ["export default async function () { return 1 }", 1],
  ["export default async (i) => i.a", 7],
  ["const tag = (s: any, ...v: any[]) => s.raw.join('|') + v;\ntag<number>`a${1}b`", "a|b1"],
  ["const tag: any = (s: any) => s[0];\nreturn [tag<{ a: number; b: () => void }>`x`, tag<Map<string, Set<1>>>`y`]", ["x", "y"]],
  ["const tag: any = (s: any, ...v: any[]) => s.join('') + v;\nreturn `x${[1].map((n) => { return tag<number>`y${tag<string>`z`}` })}`", "xyz"],
  ["const a = 1, b = 2, c = 3; return (a < b) > (c as any)", false],
  ["interface F {\n  name: string\n  <T>(value: T): T\n  (value: any, n?: number): string\n  in: number\n}\nconst f = ((x: any) => x) as unknown as F\nf(4)", 4],
  ["type G = {\n  // a comment\n  <A>(a: A): A // behind\n\n  /** docs */\n  (a: string): 'x'\n}\nconst g = ((x) => x) as G\ng(5)", 5],
  ["export default 12", 12],
  ["export default function f(a: number): string;\nexport default function f(a: any) { return a }", { a: 7 }],
  ["export default interface A { b: number }\nexport default async () => 4", 4],
  ["namespace N { export const a = 1 }\nnamespace N { export const b = a + 1 }\nN.b", 2],
  ["const v = 3; export default v", 3],
  ["async function go() { return 9 }\nexport default go", 9],
  ["export default async () => helper();\nconst helper = () => 6;", 6],
  ["export const x = 1; x", 1],
  ["interface A { b: number }\nasync (i: any) => i.a", 7],
  ["type A = number\n[1, 2].map((x: A) => x)", [1, 2]],
  ["({ a: 1 })", { a: 1 }],
  ["```ts\nreturn 1\n```", 1],
  ["```ts\nconst a = 1;\n```\nand\n~~~js\na + 1\n~~~\nwhich is\n```\n2\n```", 2],
  ["Sure! Here it is:\n\n```typescript\nconst a: number = 2;\na\n```\nIt returns 2.", 2],
  ["~~~\n1\n~~~", 1],
  ["1;\ntype X = 1", 1],
  ["import { github } from 'mcp';\n1", 1],
  ["let a; [a] = [1]\na", 1],
  ["// a comment\n1 // and one\n// more", 1],
  ["/* a */ 1 /* b */", 1],
  ["'use strict'; 2", 2],
  ["const f = (x) => x\nlabel: for (;;) { break label }\nf(1)", 1],
  ["", undefined],
  ["// nothing", undefined],
  ["const x = 1", undefined],
  ["namespace N { export const a = 1 }", undefined],
  ["1\nnamespace N { export type A = 1 }", 1],
  ["for (const x of [1]) {}", undefined],
  ["const a = 1 as number\n;(0 as any) ?? a", 0],
  ["const f = (x: any) => ({ x })\nconst y = f as any\n(1)\ny(2)", { x: 2 }],
  ["const a = <any>{ b: 1 }; a.b", 1],
  ["const f = (): {\n a: number } => ({ a: 1 }); f().a", 1],
  ["let x: any = [1]; x!.length", 1],
  ["const o = { get: 1, set: 2 } satisfies Record<string, number>; o.get + o.set", 3],
  ["class A { private x: number = 1; get y(): number { return this.x } }\nnew A().y", 1],
  ["class A { get: any\n b() { return 1 } }\nnew A().b()", 1],
  ["const {a, ...rest}: any = { a: 1, b: 2 }; rest", { b: 2 }],
  ["function f(this: any, a?: number) { return a ?? 1 }\nf()", 1],
  ["try { throw new Error('x') } catch (e: unknown) { return (e as Error).message }", "x"],
];

/* Code whose value must be that of TypeScript's own JavaScript. */
const rewritten = [
  "enum E { A, B, C = 10, D } return [E.A, E.D, E[10], Object.keys(E)]",
  "enum E { A = 'x', B = 'y' } return [E.A, Object.entries(E)]",
  "enum E { A = 1 << 2, B = A | 1, C = B + A, 'd-e' = 9, f } return E",
  "enum E { A = 'ab'.length, B = A * 2 } return E",
  "const enum E { A = 3, B } return [E.A, E.B]",
  "enum E { A } enum E { B = 5 } return E",
  "enum A { X = 1 } enum B { Y = A.X + 1 } return B",
  "enum E { A = -1, B, C } return [E.A, E.B, E.C, E[-1]]",
  "enum E {\n  // first\n  A, // one\n  B = 2, /* two */\n}\nreturn E",
  "enum E {} return E",
  "enum E { A = 1, B = `x` } return E",
  "function f() { enum L { A = 1 } return L.A } return f()",
  "declare enum E { A } return typeof E",
  "namespace N { export const a = 1; export function f() { return a + b } const b = 2 } return [N.a, N.f(), 'b' in N]",
  "namespace N { export let a = 1; export function set() { a = 5 } } N.set(); return N.a",
  "namespace N { export let a = 1; export function get() { return a } } N.a = 4; return N.get()",
  "namespace A.B.C { export const x = 1 } return A.B.C.x",
  "namespace N { export const { a, b: [c] } = { a: 1, b: [2] } } return [N.a, N.c]",
  "namespace N { export enum E { A = 4 } export namespace M { export const z = E.A } } return N.M.z",
  "namespace N { export class C { v = 3 } } return new N.C().v",
  "namespace N { export interface T { a: number } export type U = T } return typeof N",
  "class C { static a = 1 } namespace C { export const b = 2 } return [C.a, C.b]",
  "function f() { return f.x } namespace f { export const x = 3 } return f()",
  "namespace N { export const a = { b: 2 } } import b = N.a; return b.b",
  "module M { export const a = 1 } return M.a",
  "namespace N { export const a = 1 }\nreturn N.a",
  "class C { static a = 1 }\nnamespace C { export const b = 2 }\nreturn [C.a, C.b]",
  "namespace T { export type A = 1 }\nreturn typeof T",
  "export namespace N { export const a = 1 }\nreturn N.a",
  "namespace N { export const a = 1 } namespace N { export const b = a + 1; export const o = { a, b } } return [N.a, N.b, N.o]",
  "namespace N { export let a = 1 } namespace N { export function set() { a = 5 } } N.set(); return N.a",
  "namespace N { export function f() { return late } } namespace N { export const late = 7 } return N.f()",
  "namespace N { export const a = 1; const hidden = 2 } namespace N { const hidden = 3; export const b = hidden + a } return [N.b, Object.keys(N)]",
  "namespace A.B { export const x = 1 } namespace A.C { export const y = B.x + 1 } namespace A.B { export const z = x + C.y } return A",
  "namespace A { export namespace B { export const x = 1 } } namespace A { export namespace B { export const y = x + 1 } } return A",
  "namespace A { export namespace B { export const x = 1 } } namespace A.B { export const y = x + 1 } return A",
  "namespace A.B { export const x = 1 } namespace A { export namespace B { export const z = x } } return A.B",
  "namespace A { export enum E { P = 1 } } namespace A { export enum E { Q = 5 } export const s = E.P + E.Q } return A",
  "enum E { A = 2 } enum E { B = A * 3 } return E",
  "enum E { A } namespace E { export function next() { return E.A + 1 } } return [E.next(), E.A]",
  "class C { static a = 1 } namespace C { export const b = 2 } namespace C { export const c = b + C.a } return [C.b, C.c]",
  "function f() { return f.x } namespace f { export const x = 3 } namespace f { export const y = x } return [f(), f.y]",
  "namespace N { export const { a, b: [c = 4], ...rest } = { a: 1, b: [], d: 5 } as any } namespace N { export const all = [a, c, rest] } return N.all",
  "namespace N { export interface T { a: number } export const t: T = { a: 1 } } namespace N { export function g(v: T): typeof t { return { ...v, ...t } } } return N.g({ a: 9 })",
  "namespace N { export class C { v = 3 } } namespace N { export class D extends C { w = new C().v } } return new N.D()",
  "namespace N { export type T = 1 } namespace N { export const a: T = 1 } return N.a",
  "function local() { namespace L { export const a = 1 } namespace L { export const b = a } return L.b } return local()",
  "class P { constructor(public a: number, private readonly b = 2, c = 3) {} sum() { return this.a + this.b } } return [new P(1).sum(), new P(1)]",
  "class A { x = 1 } class B extends A { constructor(public y: number) { super(); this.x += y } } return new B(4)",
  "class A { constructor(readonly a: number) { this.b = a + 1 } b: number } return new A(1)",
  "class A { constructor(private a?: string, protected b: number = 1) {} } return new A('q')",
  "abstract class A { abstract f(): number; g() { return this.f() } } class B extends A { override f() { return 8 } } return new B().g()",
];

/* [code, line, column]: where an error at run time must be placed, after the shifts. */
const places = [
  ["const x: any = null; x.y", 1, 24],
  ["const x: any = null;\nx.y", 2, 3],
  ["const é: any = '😀' && null; é.y", 1, 32],
  ["enum E { A = (null as any).b }", 1, 28],
  ["namespace N { export const a: any = null }\nnamespace N {\n  export const b = a.c;\n}", 3, 22],
  ["class P { constructor(private a: any) { a.b.c } } new P({})", 1, 45],
];

function prepare(code) {
  const run = spawnSync(prepareCode, [], { input: code, encoding: "utf8", maxBuffer: 1 << 28 });
  if (run.status !== 0) throw new Error(`${JSON.stringify(code)}: ${run.stderr}`);
  const result = JSON.parse(run.stdout);
  if (!result.ok) throw new Error(`${JSON.stringify(code)}: ${JSON.stringify(result.notes)}`);
  return result;
}

async function valueOf(run) {
  return vm.runInNewContext(run, { ...globals }, { filename: "script.js", lineOffset: -1 });
}

const text = (value) => JSON.stringify(value) ?? "undefined";

let failures = 0;
function expect(code, actual, expected) {
  if (text(actual) === text(expected)) return;
  failures++;
  console.log(`${JSON.stringify(code)}: ${text(actual)}, expected ${text(expected)}`);
}

/* The values of scripts as TypeScript compiles them, each as a module whose default is the value. */
async function compilerValues(codes) {
  const work = fs.mkdtempSync(path.join(os.tmpdir(), "mcpfold-run-"));
  const options = { target: "esnext", module: "esnext", noCheck: true, noLib: true, types: [], outDir: "out",
                    rootDir: "." };
  fs.writeFileSync(path.join(work, "tsconfig.json"),
                   JSON.stringify({ compilerOptions: options, files: codes.map((_, i) => `f${i}.ts`) }));
  fs.writeFileSync(path.join(work, "package.json"), '{"type":"module"}');
  codes.forEach((code, i) => {
    const at = code.lastIndexOf("return ");
    const module = `${code.slice(0, at)}; export default ${code.slice(at + 7)}`;
    fs.writeFileSync(path.join(work, `f${i}.ts`), module);
  });
  spawnSync(tsc, ["-p", work]);
  const values = [];
  for (let i = 0; i < codes.length; i++)
    values.push((await import(path.join(work, "out", `f${i}.js`))).default);
  fs.rmSync(work, { recursive: true });
  return values;
}

/* As isolate/shifts.c. */
function unshift(shifts, line, column) {
  for (const [at, from, by] of shifts)
    if (at === line && column >= from) column = Math.max(from, column - by);
  return column;
}

for (const [code, expected] of forms) {
  try {
    expect(code, await valueOf(prepare(code).run), expected);
  } catch (error) {
    expect(code, `${error}`, expected);
  }
}

const results = rewritten.map(prepare);
const expected = await compilerValues(rewritten);
for (let i = 0; i < rewritten.length; i++) {
  try {
    expect(rewritten[i], await valueOf(results[i].run), expected[i]);
  } catch (error) {
    expect(rewritten[i], `${error}`, expected[i]);
  }
}

for (const [code, line, column] of places) {
  const result = prepare(code);
  const error = await valueOf(result.run).then(() => null, (thrown) => thrown);
  const [, atLine, atColumn] = /script\.js:(\d+):(\d+)/.exec(error?.stack ?? "") ?? [];
  expect(code, [Number(atLine), unshift(result.notes.shifts, Number(atLine), Number(atColumn))], [line, column]);
}

console.log(`${forms.length + rewritten.length + places.length} scripts, ${failures} wrong`);
process.exit(failures ? 1 : 0);
