return await github.get_issue({ owner: "a", repo: "b", isue_number: 1 });
