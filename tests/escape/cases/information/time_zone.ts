// Tries: the host's time zone and language
// Stopped by: engine
// Client sees: value ["UTC",0,"en-US"]
return [Intl.DateTimeFormat().resolvedOptions().timeZone, new Date(0).getTimezoneOffset(), Intl.DateTimeFormat().resolvedOptions().locale];
