const all = [...(await github.list_repos({})), ...(await slack.list_channels({}))];
return all;
