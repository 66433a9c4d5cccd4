const { items } = await github.search_issues({ query: "bug" });
const first = items.find((i) => i.state === "open");
return first.title;
