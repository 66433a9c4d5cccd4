// Tries: a hundred thousand rejections that nobody awaits
// Stopped by: runtime
// Client sees: shows 1; nothing caught
for (let i = 0; i < 100000; i++) Promise.reject(i);
return 1;
