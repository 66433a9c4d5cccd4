const r = await gihub.search_issues({ query: "bug" });
return r.items;
