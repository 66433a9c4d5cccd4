const response = await github.search_issues({ query: "bug" });
return await response.json();
