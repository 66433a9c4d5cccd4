const issue = github.get_issue({ owner: "a", repo: "b", issue_number: 1 });
return `The issue: ${github.get_issue({ owner: "a", repo: "b", issue_number: 1 })}`;
