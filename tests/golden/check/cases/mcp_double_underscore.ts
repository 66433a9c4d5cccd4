const r = await mcp__github__search_issues({ query: "bug" });
return r.items;
