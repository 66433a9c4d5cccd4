return await github({ tool: "get_issue" });
