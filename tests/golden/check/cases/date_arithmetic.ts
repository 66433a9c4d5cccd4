const days = (new Date() - new Date("2026-01-01")) / 86400000;
return days;
