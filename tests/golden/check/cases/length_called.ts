const { items } = await github.search_issues({ query: "bug" });
return items.length();
