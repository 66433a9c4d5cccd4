const issue = await github.get_issue({ owner: "a", repo: "b", issue_number: 1 });
const issue = await github.get_issue({ owner: "a", repo: "b", issue_number: 2 });
return issue;
