const response = await github.search_issues({ query: "bug" });
return response.data.items;
