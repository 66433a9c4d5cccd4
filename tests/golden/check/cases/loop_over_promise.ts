for (const issue of github.search_issues({ query: "bug" })) {
  console.log(issue);
}
