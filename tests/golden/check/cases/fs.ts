const text = await fs.readFile("/tmp/a.txt", "utf8");
return text;
