const { items } = await github.search_issues({ query: "bug" });
return items.filter(async (i) => (await github.get_issue({ owner: "a", repo: "b", issue_number: i.number })).state === "open");
