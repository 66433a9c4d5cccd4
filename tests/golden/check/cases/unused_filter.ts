const { items } = await github.search_issues({ query: "bug" });
items.filter((i) => i.state === "open");
return items;
