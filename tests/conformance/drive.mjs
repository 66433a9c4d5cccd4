// mcpfold in front of one server, and an official client that sends it a script and answers whatever
// it is asked.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { MODERN } from "./revisions.mjs";

const eraOf = (revision) => (revision === MODERN ? "modern" : "legacy");

function configuration(folder, url, era, mode) {
  const target = { url, era, ask: ["elicitation", "sampling", "roots"] };
  const path = join(folder, "config.yaml");
  writeFileSync(path, JSON.stringify({ servers: { target }, mode, startup_timeout: "60s", store: { path: join(folder, "state") }, log: { level: "debug" } }));
  return path;
}

function newClient(era) {
  const capabilities = { elicitation: { form: { applyDefaults: true } }, sampling: {}, roots: {} };
  const mode = era === "modern" ? { pin: MODERN } : "legacy";
  const client = new Client({ name: "conformance", version: "1" }, { capabilities, versionNegotiation: { mode } });
  client.setRequestHandler("elicitation/create", ({ params }) => {
    const isConfirmation = "confirmed" in (params.requestedSchema?.properties ?? {});
    return { action: "accept", content: isConfirmation ? { confirmed: true } : {} }; // the client adds the defaults
  });
  client.setRequestHandler("sampling/createMessage", () => ({ role: "assistant", model: "none", content: { type: "text", text: "an answer" } }));
  client.setRequestHandler("roots/list", () => ({ roots: [{ uri: "file:///srv", name: "srv" }] }));
  return client;
}

const runScript = (client, code, input) => client.callTool({ name: "execute_code", arguments: { code, input } }, { timeout: 100_000 });

// Runs a script, or what a client does with the server mirrored.  Resolves to 1 when it fails, else
// to 0.
export async function drive(url, revision, task, input) {
  const era = eraOf(revision);
  const folder = mkdtempSync(join(tmpdir(), "mcpfold-conformance-"));
  const client = newClient(era);
  try {
    const mirrors = typeof task === "function";
    const args = ["stdio", "-c", configuration(folder, url, era, mirrors ? "passthrough" : "code")];
    await client.connect(new StdioClientTransport({ command: process.env.MCPFOLD_BIN, args, stderr: "inherit" }));
    const result = await (mirrors ? task(client) : runScript(client, task, input));
    console.log(JSON.stringify(result));
    return result.isError ? 1 : 0;
  } finally {
    await client.close();
    rmSync(folder, { recursive: true, force: true });
  }
}
