const sent = await github.post_message({ channel: "general", text: "hello" });
return sent;
