return await github.search_issues({ query: "bug", state: "opened" });
