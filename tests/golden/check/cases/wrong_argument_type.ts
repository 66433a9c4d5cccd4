const issue = await github.get_issue({
  owner: "a",
  repo: "b",
  issue_number: "7",
});
return issue.title;
