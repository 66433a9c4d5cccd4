// Scripts sent to a running mcpfold by an official client.
import assert from "node:assert/strict";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { valueOf } from "./world.mjs";

export const MODERN = { pin: "2026-07-28" };

export async function connect(program, mode = MODERN, options = {}, name = "scenario") {
  const client = new Client({ name, version: "1" }, { versionNegotiation: { mode }, ...options });
  await client.connect(new StreamableHTTPClientTransport(program.url));
  return client;
}

export class Scripts {
  constructor(client) {
    this.client = client;
  }

  // The whole result of execute_code.
  run(code, input = undefined, options = {}) {
    return this.client.callTool({ name: "execute_code", arguments: { code, input } }, { timeout: 120_000, ...options });
  }

  async value(code, input) {
    return valueOf(await this.run(code, input));
  }

  async text(code, input) {
    const result = await this.run(code, input);
    assert.equal(result.isError, false, JSON.stringify(result.content));
    return result.content[0].text;
  }

  // The text of a failure of this kind.
  async failure(kind, code, input) {
    const { isError, content } = await this.run(code, input);
    assert.equal(isError, true, JSON.stringify(content));
    assert.ok(content[0].text.startsWith(`${kind}:`), `not a ${kind}: ${content[0].text}`);
    return content[0].text;
  }
}
