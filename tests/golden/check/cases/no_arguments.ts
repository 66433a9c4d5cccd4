return await github.search_issues();
