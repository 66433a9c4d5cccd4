// The quickstart's client: sends one script to a running mcpfold with an
// official MCP client, and shows code, progress and result.
//
//   node sample.mjs URL SCRIPT INPUT-JSON      (packages from QUICKSTART_PACKAGES)
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const colour = process.stdout.isTTY && !process.env.NO_COLOR;
const paint = (code) => (text) => (colour ? `\x1b[${code}m${text}\x1b[0m` : text);
const bold = paint(1), dim = paint(2), red = paint(31), green = paint(32), cyan = paint(36), magenta = paint(35);

// The client's packages lie in the folder of dependencies, not above this file.
async function load(name) {
  const require = createRequire(`${process.env.QUICKSTART_PACKAGES}/`);
  return import(pathToFileURL(require.resolve(name)).href);
}

const WORD = /\b(?:await|const|for|interface|of|return|string|number)\b/g;
const TOKEN = /(\/\/.*$)|("(?:[^"\\]|\\.)*"|`(?:[^`\\]|\\.)*`)|([^"`/]+|\/)/g;

function highlight(line) {
  return line.replace(TOKEN, (all, comment, string, code) =>
    comment ? dim(comment) : string ? green(string) : code.replace(WORD, (word) => magenta(word)));
}

function showCode(code) {
  const lines = code.trimEnd().split("\n");
  const width = String(lines.length).length;
  console.log();
  lines.forEach((line, i) => console.log(`  ${dim(String(i + 1).padStart(width))}  ${highlight(line)}`));
  console.log();
}

function showProgress({ progress, total, message }) {
  console.log(`${cyan("▸")} ${message ?? ""} ${dim(total ? `${progress}/${total}` : `${progress}`)}`);
}

function showResult(result, milliseconds) {
  const sign = result.isError ? red("✗ failed") : green("✓ result");
  console.log(`\n${sign} ${dim(`after ${milliseconds.toFixed(0)} ms`)}\n`);
  for (const block of result.content) {
    const text = block.type === "text" ? block.text : `[${block.type}]`;
    console.log(text.replace(/^/gm, "  "));
  }
}

async function connect(url) {
  const { Client } = await load("@modelcontextprotocol/sdk/client/index.js");
  const { StreamableHTTPClientTransport } = await load("@modelcontextprotocol/sdk/client/streamableHttp.js");
  const client = new Client({ name: "mcpfold-quickstart", version: "1" });
  await client.connect(new StreamableHTTPClientTransport(new URL(url)));
  return client;
}

async function main([url, script, input]) {
  const client = await connect(url);
  try {
    const { tools } = await client.listTools();
    console.log(`${bold("the client sees")} ${tools.map((tool) => tool.name).join(", ")}`);
    const code = readFileSync(script, "utf8");
    showCode(code);
    const start = performance.now();
    const result = await client.callTool(
      { name: "execute_code", arguments: { code, input: JSON.parse(input) } },
      undefined,
      { onprogress: showProgress, timeout: 60_000 },
    );
    showResult(result, performance.now() - start);
    return result.isError ? 1 : 0;
  } finally {
    await client.close();
  }
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  console.error(`${red("✗")} the sample could not be sent: ${error.message}`);
  process.exitCode = 1;
}
