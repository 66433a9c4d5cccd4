const titles = ["a", "b"];
titles.map(async (title) => {
  await github.create_issue({ owner: "a", repo: "b", title });
});
return "done";
