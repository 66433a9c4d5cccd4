return JSON.stringify(github.get_issue({ owner: "a", repo: "b", issue_number: 1 }));
