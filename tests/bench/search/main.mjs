// tests/bench/search/run: the table, and with --misses what was not found among the first five.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";

import { askBaseline, askSearch, catalogues, figures, fixtures, questions } from "./measure.mjs";

const { values: options } = parseArgs({ options: { misses: { type: "string" } } });
const corpus = process.env.MCPFOLD_CORPUS && join(process.env.MCPFOLD_CORPUS, "public");
const folder = corpus && existsSync(corpus) ? corpus : fixtures;
const list = catalogues(folder);
const asked = questions(list);
const systems = { "mcp.search": askSearch(list, asked), BM25: askBaseline(list, asked) };
const tags = [...new Set(asked.flatMap(({ tags }) => tags))];
const percent = (value) => `${(100 * value).toFixed(1)} %`.padStart(8);

function row(name, takes) {
  for (const [system, answers] of Object.entries(systems)) {
    const { questions, hit1, hit5, mrr } = figures(asked, answers, takes);
    console.log(
      `${name.padEnd(12)}${String(questions).padStart(5)}  ${system.padEnd(11)}${percent(hit1)}${percent(hit5)}${mrr.toFixed(3).padStart(8)}`,
    );
  }
}

const tools = list.reduce((sum, { tools }) => sum + tools.length, 0);
console.log(
  folder === fixtures
    ? "The catalogues of tests/fixtures; MCPFOLD_CORPUS names a larger folder."
    : `The catalogues of ${folder}.`,
);
console.log(`${list.length} servers, ${tools} tools, ${asked.length} questions\n`);
console.log(`${"part".padEnd(12)}asked  ${"by".padEnd(11)}${"hit@1".padStart(8)}${"hit@5".padStart(8)}${"MRR".padStart(8)}`);
row("all", () => true);
for (const part of ["tuning", "held-out", "unseen"]) row(part, (question) => question.part === part);
for (const tag of tags) row(tag, (question) => question.tags.includes(tag));

if (options.misses) {
  asked.forEach(({ question, part, answers }, i) => {
    const found = systems["mcp.search"][i];
    if (part !== options.misses || found.slice(0, 5).some((path) => answers.includes(path))) return;
    console.log(`\n${question}\n  wanted ${answers.slice(0, 4).join(" ")}\n  found  ${found.slice(0, 5).join(" ")}`);
  });
}
