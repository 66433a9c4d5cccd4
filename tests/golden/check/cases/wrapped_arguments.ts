return await github.get_issue({ arguments: { owner: "a", repo: "b", issue_number: 1 } });
