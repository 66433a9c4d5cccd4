return await github.search_issues({ input: { query: "bug" } });
