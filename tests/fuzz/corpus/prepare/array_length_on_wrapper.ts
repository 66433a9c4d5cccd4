const found = await github.search_issues({ query: "bug" });
return found.length;
