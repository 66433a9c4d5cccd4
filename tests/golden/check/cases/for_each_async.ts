const { items } = await github.search_issues({ query: "bug" });
items.forEach(async (issue) => {
  await slack.post_message({ channel: "c", text: issue.title });
});
return items.length;
