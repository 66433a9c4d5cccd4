return await github.create_issue({ owner: "a", title: "c" });
