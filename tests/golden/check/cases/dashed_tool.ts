return await github.add-label({ owner: "a", repo: "b", issue_number: 1, label: "c" });
