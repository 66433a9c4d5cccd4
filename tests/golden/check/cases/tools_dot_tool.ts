const issue = await tools.get_issue({ owner: "a", repo: "b", issue_number: 1 });
return issue.title;
