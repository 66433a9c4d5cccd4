const r = await callTool("github", "search_issues", { query: "bug" });
return r.items;
