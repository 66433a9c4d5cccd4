const repos = await github.list_repos({ owner: "a" });
return repos.filter((r) => r.stars > 10);
