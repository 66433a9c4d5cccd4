await github.get_issue({ owner: 1, repo: "b", issue_number: 1 });
await github.get_issue({ owner: "a", repo: 2, issue_number: 1 });
