const r = await github_search_issues({ query: "bug" });
return r.items;
