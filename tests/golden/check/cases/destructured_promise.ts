const { items } = github.search_issues({ query: "bug" });
return items;
