const titles = ["a", "b"];
Promise.all(titles.map((title) => github.create_issue({ owner: "a", repo: "b", title })));
return "done";
