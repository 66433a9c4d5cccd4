return await Deno.readTextFile("/tmp/a.txt");
