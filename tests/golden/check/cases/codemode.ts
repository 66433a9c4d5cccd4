const r = await codemode.search_issues({ query: "bug" });
return r.items;
