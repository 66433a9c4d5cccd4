const r = await github.searchIssues({ query: "bug" });
return r.items;
