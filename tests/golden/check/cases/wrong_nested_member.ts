await github.create_issue({
  owner: "a",
  repo: "b",
  title: "c",
  labels: "bug",
});
