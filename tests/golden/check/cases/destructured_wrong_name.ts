const { issues } = await github.search_issues({ query: "bug" });
return issues.length;
