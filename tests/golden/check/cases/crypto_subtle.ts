const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode("a"));
return hash;
