// A floor under what tests/bench/search/run measures, over the catalogues that
// every clone has.  Ranking is deterministic, so this can't fail by chance.

import assert from "node:assert/strict";
import { test } from "node:test";

import { askBaseline, askSearch, catalogues, figures, fixtures, questions } from "./measure.mjs";

const list = catalogues(fixtures);
const asked = questions(list);
const search = figures(asked, askSearch(list, asked));

test("the questions are many, and each is asked once", () => {
  assert.ok(asked.length >= 80, `${asked.length} questions`);
  assert.equal(new Set(asked.map(({ question }) => question)).size, asked.length);
});

test("mcp.search finds a tool that answers among the first five", () => {
  assert.ok(search.hit5 >= 0.78, `hit@5 is ${search.hit5}`);
  assert.ok(search.hit1 >= 0.55, `hit@1 is ${search.hit1}`);
});

test("mcp.search is clearly better than BM25", () => {
  const baseline = figures(asked, askBaseline(list, asked));
  assert.ok(search.hit5 >= baseline.hit5 + 0.1, `${search.hit5} against ${baseline.hit5}`);
  assert.ok(search.mrr >= baseline.mrr + 0.1, `${search.mrr} against ${baseline.mrr}`);
});
