const response = await github.search_issues({ query: "bug" });
return JSON.parse(response.content[0].text).items;
