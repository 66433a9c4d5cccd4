return "Channels: " + slack.list_channels({});
