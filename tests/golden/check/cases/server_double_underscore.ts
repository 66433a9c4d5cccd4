const r = await github__search_issues({ query: "bug" });
return r.items;
