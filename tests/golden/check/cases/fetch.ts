const r = await fetch("https://api.example.com/x");
return await r.json();
