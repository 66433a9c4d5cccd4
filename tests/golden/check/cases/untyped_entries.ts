const { items } = await github.search_issues({ query: "bug" });
const groups: Record<string, unknown> = { open: items };
return groups.open.length;
