return await mcp.call({ server: "github", tool: "list_repos", args: {} });
