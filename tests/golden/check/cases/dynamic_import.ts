const fs = await import("node:fs/promises");
return await fs.readFile("/tmp/a");
