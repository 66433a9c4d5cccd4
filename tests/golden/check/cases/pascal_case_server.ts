const r = await GitHub.search_issues({ query: "bug" });
return r.items;
