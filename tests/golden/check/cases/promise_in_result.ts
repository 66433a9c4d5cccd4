const repos = await github.list_repos({});
return { repos, channels: slack.list_channels({}) };
