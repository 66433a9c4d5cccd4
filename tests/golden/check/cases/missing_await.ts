const found = github.search_issues({ query: "bug" });
return found.items.map((i) => i.title);
