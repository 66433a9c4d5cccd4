let found;
github.search_issues({ query: "bug" }).then((r) => { found = r.items; });
return found;
