// A client with as little of its own as can be: one keep-alive connection, one
// session, JSON in and out.  For floors and throughput, where an SDK's own time
// would hide the difference.
import http from "node:http";

export class RawClient {
  constructor(port) {
    this.port = port;
    this.agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    this.id = 0;
    this.session = undefined;
  }

  post(message) {
    const body = JSON.stringify(message);
    const headers = {
      "content-type": "application/json",
      accept: "application/json, text/event-stream",
      "content-length": Buffer.byteLength(body),
      ...(this.session && { "mcp-session-id": this.session, "mcp-protocol-version": "2025-11-25" }),
    };
    const options = { port: this.port, host: "127.0.0.1", path: "/mcp", method: "POST", agent: this.agent, headers };
    return new Promise((resolve, reject) => {
      const request = http.request(options, (response) => {
        const parts = [];
        response.on("data", (part) => parts.push(part));
        response.on("error", reject);
        response.on("end", () => resolve({ response, text: Buffer.concat(parts).toString() }));
      });
      request.on("error", reject);
      request.end(body);
    });
  }

  async request(method, params = {}) {
    const { response, text } = await this.post({ jsonrpc: "2.0", id: ++this.id, method, params });
    this.session ??= response.headers["mcp-session-id"];
    const isStream = response.headers["content-type"]?.startsWith("text/event-stream");
    const answer = JSON.parse(isStream ? text.split("\n").findLast((line) => line.startsWith("data:")).slice(5) : text);
    if (answer.error) throw new Error(`${method}: ${answer.error.message}`);
    return answer.result;
  }

  async connect() {
    await this.request("initialize", {
      protocolVersion: "2025-11-25",
      capabilities: {},
      clientInfo: { name: "mcpfold-bench", version: "1" },
    });
    await this.post({ jsonrpc: "2.0", method: "notifications/initialized" });
    return this;
  }

  ping() {
    return this.request("ping");
  }

  async run(code) {
    const result = await this.request("tools/call", { name: "execute_code", arguments: { code } });
    if (result.isError) throw new Error(result.content[0].text);
    return result.content[0].text;
  }

  close() {
    this.agent.destroy();
  }
}
