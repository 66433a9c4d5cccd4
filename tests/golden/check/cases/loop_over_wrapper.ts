for (const issue of await github.search_issues({ query: "bug" })) {
  console.log(issue.title);
}
