let issue = await github.get_issue({ owner: "a", repo: "b", issue_number: 1 });
issue = issue.title;
return issue;
