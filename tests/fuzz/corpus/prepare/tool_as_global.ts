const r = await search_issues({ query: "bug" });
return r;
