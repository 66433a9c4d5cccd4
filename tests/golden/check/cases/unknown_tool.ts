const issue = await github.create_isue({ owner: "a", repo: "b", title: "c" });
return issue.number;
