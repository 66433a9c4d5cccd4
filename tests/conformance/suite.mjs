// The official suite as a program: what it says of a server or a client, read from what it leaves.
import { spawn } from "node:child_process";
import { existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { node } from "../scenario/lib/world.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const packaged = join(here, "../node_modules/@modelcontextprotocol/conformance");
const YAML = createRequire(join(packaged, "package.json"))("yaml"); // as the suite itself reads them

// The scenarios that a revision requires of a "server" or a "client".
export function required(side, revision) {
  return new Set(YAML.parse(readFileSync(join(packaged, `requirements/${revision}.yaml`), "utf8"))[side]);
}

// What a leg may fail: { file, unscored }, the file only when there is one.  The suite itself judges
// the scenarios that are required; those that it runs beside them are judged here by the same rule.
export function expected(leg) {
  const file = join(here, "expected", `${leg}.yaml`);
  if (!existsSync(file)) return { file: undefined, unscored: [] };
  return { file, unscored: YAML.parse(readFileSync(file, "utf8")).unscored ?? [] };
}

function finished(child, log) {
  const parts = [];
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => parts.push(chunk));
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => {
      writeFileSync(log, Buffer.concat(parts));
      resolve(code);
    });
  });
}

// scenario: [check...], of the folders that the suite made; the last of each check counts as the worst.
function readChecks(folder) {
  const scenarios = new Map();
  for (const name of readdirSync(folder, { recursive: true }).filter((path) => path.endsWith("checks.json"))) {
    const scenario = dirname(name).replace(/^server-/, "").replace(/-\d{4}-\d\d-\d\dT[\d-]+Z$/, "");
    scenarios.set(scenario, JSON.parse(readFileSync(join(folder, name), "utf8")));
  }
  return scenarios;
}

// Runs one side of the suite, into an empty folder; resolves to { code, checks }.
export async function runSuite(side, revision, { target, folder, file, timeout = 120_000, env = {} }) {
  const args = [join(packaged, "dist/index.js"), side, "--requirements", revision, "-o", folder, "--timeout", String(timeout)];
  args.push(...(side === "server" ? ["--url", target] : ["--command", target]));
  if (file) args.push("--expected-failures", file);
  const child = spawn(node, args, { stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, ...env } });
  return { code: await finished(child, join(folder, "suite.log")), checks: readChecks(folder) };
}

export const isFailed = ({ status }) => status === "FAILURE" || status === "WARNING";
