const { items } = await github.search_issues({ query: "bug" });
const total = items.length;
{ total, items }
