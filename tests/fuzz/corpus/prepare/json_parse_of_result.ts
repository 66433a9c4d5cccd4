const text = await files.read_text_file({ path: "/a.json" });
const issue = await github.get_issue({ owner: "a", repo: "b", issue_number: 1 });
return JSON.parse(issue).title + text.content;
