const r = await mcp.callTool("github.search_issues", { query: "bug" });
return r;
