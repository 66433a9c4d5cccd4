// The baseline: BM25 as in the textbooks (Robertson and Zaragoza, 2009; the
// inverse document frequency is Lucene's, which is never negative) over name,
// description and parameter names of each tool.

const K1 = 1.2;
const B = 0.75;

/** Lower case, split at what is no letter or digit and at camelCase, simple plural stem. */
export function words(text) {
  return text
    .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
    .replace(/([A-Z])([A-Z][a-z])/g, "$1 $2")
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word)
    .map(withoutPlural);
}

function withoutPlural(word) {
  if (/[^aeiou]ies$/.test(word) && word.length > 4) return word.slice(0, -3) + "y";
  if (/(ss|x|ch|sh)es$/.test(word)) return word.slice(0, -2);
  if (/[^su]s$/.test(word) && word.length > 3) return word.slice(0, -1);
  return word;
}

function textOf(tool) {
  return [tool.name, tool.description ?? "", ...Object.keys(tool.inputSchema?.properties ?? {})].join(" ");
}

function count(list) {
  const counts = new Map();
  for (const item of list) counts.set(item, (counts.get(item) ?? 0) + 1);
  return counts;
}

/** tools: [{id, tool}]; returns (query, limit) => ids, best first, ties in the order given. */
export function bm25(tools) {
  const documents = tools.map(({ id, tool }) => {
    const list = words(textOf(tool));
    return { id, counts: count(list), length: list.length };
  });
  const average = documents.reduce((sum, { length }) => sum + length, 0) / documents.length;
  const having = count(documents.flatMap(({ counts }) => [...counts.keys()]));
  const rarity = (word) => Math.log(1 + (documents.length - having.get(word) + 0.5) / (having.get(word) + 0.5));
  const score = (document, query) =>
    query.reduce((sum, word) => {
      const found = document.counts.get(word) ?? 0;
      const length = 1 - B + (B * document.length) / average;
      return found ? sum + (rarity(word) * found * (K1 + 1)) / (found + K1 * length) : sum;
    }, 0);
  return (query, limit) => {
    const list = words(query);
    return documents
      .map((document) => ({ id: document.id, score: score(document, list) }))
      .filter((hit) => hit.score > 0)
      .sort((a, b) => b.score - a.score)
      .slice(0, limit)
      .map((hit) => hit.id);
  };
}
