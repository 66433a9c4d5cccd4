// A client's own configuration file, as it is: what the servers in it get, and
// which of their tools a script has.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { mcpfold } from "./lib/command.mjs";
import { World, node } from "./lib/world.mjs";

describe("a client's configuration", () => {
  let world, path;
  const run = (code) => mcpfold(["run", "-c", path, "-"], { stdin: code, env: { SCENARIO_TOKEN: "of the environment", XDG_STATE_HOME: world.folder } });

  before(async () => {
    world = new World();
    const port = await world.serveFixture("everything.mjs", "streamableHttp");
    const program = (server) => server.command.slice(1).map((part) => JSON.stringify(part)).join(", ");
    const variables = join(world.folder, "variables.env");
    writeFileSync(variables, "export FROM_FILE='of a file'\nFROM_BOTH=file\n", { mode: 0o600 });
    path = join(world.folder, "mcp.json");
    writeFileSync(path, `{
      // What an editor lets one write.
      "mcpServers": {
        "everything": { // its variables
          "type": "local", "command": ["${node}", ${program(world.servers.everything)}],
          "environment": { "TOKEN": "{env:SCENARIO_TOKEN}", "FROM_BOTH": "\\ud83d\\ude00" },
          "envFile": "${variables}", "timeout": 60, "alwaysAllow": ["echo"],
        },
        /* of two tools */
        "files": { "command": "${node}", "args": [${program(world.servers.files)}], "includeTools": ["read_*", "list_directory"], "excludeTools": ["read_file", "reed_*"] },
        "web": { "httpUrl": "http://127.0.0.1:${port}/mcp", "oauth": false },
        "off": { "command": "\${input:never}", "enabled": false },
      },
    }`, { mode: 0o600 });
  });
  after(() => world.close());

  test("variables of each kind reach the server", async () => {
    const { code, stdout, stderr } = await run(`const { TOKEN, FROM_FILE, FROM_BOTH } = await everything["get-env"]({});
      return [TOKEN, FROM_FILE, FROM_BOTH];`);
    assert.equal(code, 0, stderr);
    assert.deepEqual(JSON.parse(stdout), ["of the environment", "of a file", "😀"]);
    assert.match(stderr, /mcp\.json:7:\d+: mcpServers\.everything\.timeout has no unit; 60 is read as seconds/);
    assert.match(stderr, /'alwaysAllow' of a client's configuration is ignored; a script may call every tool/);
  });

  test("an address by a client's own name for it", async () => {
    assert.equal((await run(`return web.echo({ message: "there" })`)).stdout, "Echo: there\n");
  });

  test("tools that the client was told to leave out are not there", async () => {
    const { stdout, stderr } = await run(`const { tools } = (await mcp.servers()).find(({ name }) => name === "files")!;
      return [tools, (await mcp.search("write file")).filter(({ path }) => path.startsWith("files.")).map(({ path }) => path).sort()];`);
    assert.notEqual(stdout, "", stderr);
    const [count, found] = JSON.parse(stdout);
    assert.equal(count, 4, "read_text_file, read_media_file, read_multiple_files, list_directory");
    assert.deepEqual(found.filter((path) => /write|edit|move/.test(path) || path === "files.read_file"), []);
    assert.match(stderr, /"event":"no_such_tool","server":"files","setting":"exclude_tools","pattern":"reed_\*"/);
    const typed = await run(`return files.write_file({ path: "/x", content: "" })`);
    assert.match(typed.stderr, /TypeCheckError[^]*write_file/);
    const raw = await run(`return mcp.call("files", "write_file", { path: "${join(world.folder, "written")}", content: "" })`);
    assert.equal(raw.code, 1);
    assert.match(raw.stderr, /PolicyDenied[^]*servers\.files\.exclude_tools|PolicyDenied[^]*servers\.files\.include_tools/);
    const told = await run(`return (await mcp.describe("files.list_directory")).match(/Policy: .*/)![0]`);
    assert.match(told.stdout, /^Policy: allowed, for 60000 ms \(limits\.call\); an execution makes at most 200 calls/);
    assert.match((await run(`return mcp.describe("files.write_file")`)).stderr, /PolicyDenied[^]*servers\.files\.include_tools/);
  });
});
