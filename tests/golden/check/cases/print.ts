const { items } = await github.search_issues({ query: "bug" });
print(items);
