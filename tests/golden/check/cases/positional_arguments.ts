return await github.get_issue("a", "b", 7);
