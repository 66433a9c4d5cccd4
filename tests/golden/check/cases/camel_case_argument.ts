return await github.get_issue({ owner: "a", repo: "b", issueNumber: 1 });
