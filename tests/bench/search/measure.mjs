// Asks every question of mcp.search and of the baseline, and counts how often
// one of the tools that answer it is found, and how far up.

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";

import { bm25 } from "./bm25.mjs";

const LIMIT = 10;
const here = import.meta.dirname;
const root = join(here, "../../..");

/** The saved catalogues of a folder: [{file, name, tools}]. */
export function catalogues(folder) {
  return readdirSync(folder)
    .filter((name) => name.endsWith(".json"))
    .sort()
    .map((name) => {
      const file = join(folder, name);
      return { file, name: basename(name, ".json"), tools: JSON.parse(readFileSync(file, "utf8")).tools };
    });
}

/** The catalogues that every clone has. */
export const fixtures = join(root, "tests/fixtures/catalogues");

/** The questions that the catalogues can answer, with the answers that they hold. */
export function questions(list) {
  const known = new Set(list.flatMap(({ name, tools }) => tools.map((tool) => `${name}/${tool.name}`)));
  return JSON.parse(readFileSync(join(here, "questions.json"), "utf8"))
    .map((question) => ({ ...question, answers: question.answers.filter((answer) => known.has(answer)) }))
    .filter(({ answers }) => answers.length > 0);
}

function declare(...args) {
  const program = join(process.env.MCPFOLD_BUILD ?? join(root, "build"), "tests/declare");
  return execFileSync(program, args, { encoding: "utf8", maxBuffer: 256 << 20 });
}

/** What mcp.search answers each question, as the "catalogue/tool" of the answers. */
export function askSearch(list, asked) {
  const folder = mkdtempSync(join(tmpdir(), "mcpfold-search-"));
  const files = list.map(({ file }) => file);
  try {
    const file = join(folder, "questions");
    writeFileSync(file, asked.map(({ question }) => `${question}\n`).join(""));
    const servers = JSON.parse(declare("servers", ...files));
    const names = new Map(servers.map(({ identifier }, i) => [identifier, list[i]]));
    return declare("ask", file, ...files)
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line).map(({ path }) => originalName(names, path)));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function originalName(names, path) {
  const dot = path.indexOf(".");
  const { name, tools } = names.get(path.slice(0, dot));
  const identifier = path.slice(dot + 1);
  const plain = (tool) => tool.name.replace(/[^A-Za-z0-9_$]/g, "_");
  const tool = tools.find((tool) => plain(tool) === identifier || `${plain(tool)}_` === identifier);
  if (!tool) throw new Error(`${path} is no tool of ${name}`);
  return `${name}/${tool.name}`;
}

/** What BM25 answers. */
export function askBaseline(list, asked) {
  const rank = bm25(list.flatMap(({ name, tools }) => tools.map((tool) => ({ id: `${name}/${tool.name}`, tool }))));
  return asked.map(({ question }) => rank(question, LIMIT));
}

/** {questions, hit1, hit5, mrr} of the questions that `takes` accepts; the reciprocal rank counts
 * within the first ten. */
export function figures(asked, answers, takes = () => true) {
  const sum = { questions: 0, hit1: 0, hit5: 0, mrr: 0 };
  asked.forEach((question, i) => {
    if (!takes(question)) return;
    const rank = 1 + answers[i].findIndex((answer) => question.answers.includes(answer));
    sum.questions++;
    sum.hit1 += rank === 1;
    sum.hit5 += rank >= 1 && rank <= 5;
    sum.mrr += rank ? 1 / rank : 0;
  });
  for (const key of ["hit1", "hit5", "mrr"]) sum[key] /= sum.questions;
  return sum;
}
