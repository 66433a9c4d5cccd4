return await mcp.find("issues");
