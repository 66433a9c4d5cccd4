if (github.search_issues({ query: "bug" })) {
  return 1;
}
return 2;
