// Servers from npm that are made by others, behind the real program: each is called from a script,
// with a value that only the server can have made.  None of them needs a network.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import http from "node:http";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { Scripts, connect } from "./lib/scripts.mjs";
import { World, node } from "./lib/world.mjs";

const CHROMIUM = "/usr/bin/chromium";

const PAGE = `<!doctype html><title>A local page</title>
  <button onclick="document.title = 'Pressed ' + ++this.count" id="press">Press</button>
  <script>document.getElementById("press").count = 0</script>`;

// A page on a port of its own choice.
function servePage() {
  const server = http.createServer((_request, response) => response.writeHead(200, { "content-type": "text/html" }).end(PAGE));
  return new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(server)));
}

function serversIn(world) {
  const { folder } = world;
  return {
    agent_files: world.fromNpm("@agent-infra/mcp-server-filesystem", "--allowed-directories", folder),
    bank: { ...world.fromNpm("@allpepper/memory-bank-mcp"), env: { MEMORY_BANK_ROOT: folder } },
    lint: { ...world.fromNpm("@eslint/mcp"), cwd: folder },
    runner: world.fromNpm("mcp-server-code-runner"),
    clock: world.fromNpm("time-mcp"),
    monitor: world.official("server-system-monitor", "--stdio"),
    git: world.fromNpm("mcp-git"),
    steps: world.fromNpm("mcp-sequentialthinking-tools"),
    // It writes what pages held to its working folder.
    playwright: { ...world.fromNpm("@playwright/mcp", "--headless", "--isolated", "--no-sandbox", "--executable-path", CHROMIUM), cwd: folder },
    devtools: world.fromNpm("chrome-devtools-mcp", "--headless", "--isolated", "--executablePath", CHROMIUM, "--chromeArg=--no-sandbox", "--no-usage-statistics"),
  };
}

// What the tests of a server find in the folder.
function prepare(folder) {
  mkdirSync(join(folder, "repository"));
  writeFileSync(join(folder, "repository", "kept.txt"), "kept\n");
  writeFileSync(join(folder, "eslint.config.mjs"), `export default [{ rules: { "no-dupe-keys": "error" } }];`);
  writeFileSync(join(folder, "wrong.js"), "export const twice = { a: 1, a: 2 };\n");
}

// server: [number of tools that a model may use, script, what its text must hold]
const cases = {
  agent_files: [11, `
    await agent_files.write_file({ path: input.folder + "/agent.txt", content: "by an agent" });
    const listing = String(await agent_files.list_directory({ path: input.folder }));
    return listing.includes("agent.txt") && agent_files.read_file({ path: input.folder + "/agent.txt" });`, /^by an agent$/],
  bank: [5, `
    await bank.memory_bank_write({ projectName: "fold", fileName: "notes.md", content: "# A note" });
    return [await bank.list_project_files({ projectName: "fold" }), await bank.memory_bank_read({ projectName: "fold", fileName: "notes.md" })];`,
  /notes\.md.*# A note/],
  lint: [1, `return lint.lint_files({ filePaths: [input.folder + "/wrong.js"] })`, /Duplicate key 'a'/],
  runner: [1, `return runner.run_code({ languageId: "javascript", code: "console.log(6 * 7)" })`, /^42$/m],
  clock: [6, `return clock.days_in_month({ date: "2028-02-11" })`, /29/],
  monitor: [1, `const { cpu } = await monitor.get_system_info({}); return { cpus: cpu.count };`, new RegExp(`^{"cpus":${availableParallelism()}}`)],
  git: [15, `
    const repo_path = input.folder + "/repository";
    await git.git_init({ repo_path });
    await git.git_add({ repo_path, files: ["kept.txt"] });
    return git.git_status({ repo_path });`, /new file:\s+kept\.txt/],
  steps: [1, `
    const { thought_history_length } = await steps.sequentialthinking_tools({
      available_mcp_tools: ["git"], thought: "first", next_thought_needed: false, thought_number: 1, total_thoughts: 1,
    });
    return { thought_history_length };`, /^{"thought_history_length":1}/],
  playwright: [25, `
    await playwright.browser_navigate({ url: input.page });
    for (let i = 0; i < 2; i++) await playwright.browser_click({ target: "#press" });
    return playwright.browser_evaluate({ function: "() => document.title" });`, /"Pressed 2"/],
  devtools: [32, `
    const pages = String(await devtools.new_page({ url: input.page }));
    const pageId = Number(/(\\d+):.*\\[selected\\]/.exec(pages)?.[1]);
    return devtools.evaluate_script({ pageId, function: "() => { document.getElementById('press').click(); return document.title; }" });`,
  /"Pressed 1"/],
};

describe("servers of others from npm", () => {
  let world, page, program, scripts, input;
  before(async () => {
    world = new World();
    prepare(world.folder);
    page = await servePage();
    input = { folder: world.folder, page: `http://127.0.0.1:${page.address().port}/` };
    world.servers = serversIn(world);
    program = await world.serve({ startup_timeout: "120s", limits: { wall: "120s" } }, { PATH: `${join(node, "..")}:${process.env.PATH}` });
    scripts = new Scripts(await connect(program));
    await scripts.client.listTools(undefined, { timeout: 150_000 });
  });
  after(async () => {
    await scripts?.client.close();
    await world.close();
    page?.close();
  });

  for (const [server, [tools, code, value]] of Object.entries(cases)) {
    test(server, async () => {
      await program.event("connected", { server, tools });
      assert.match(await scripts.text(code, input), value);
    });
  }

  test("what was done outside is there", () => {
    assert.equal(readFileSync(join(world.folder, "agent.txt"), "utf8"), "by an agent");
    const status = execFileSync("git", ["-C", join(world.folder, "repository"), "status", "--porcelain"], { encoding: "utf8" });
    assert.equal(status, "A  kept.txt\n");
  });
});
