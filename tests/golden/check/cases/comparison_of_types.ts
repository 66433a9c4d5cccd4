const { total_count } = await github.search_issues({ query: "bug" });
if (total_count === "3") {
  return "three";
}
return "other";
