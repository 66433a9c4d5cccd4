return await github.get_issue({ owner, repo: "b", issue_number: 1 });
