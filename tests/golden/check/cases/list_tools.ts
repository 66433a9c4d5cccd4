const tools = await mcp.listTools();
return tools;
