// A server whose answers are hostile or plain, for scripts that call tools.

const nested = (depth) => JSON.parse("[".repeat(depth) + "]".repeat(depth));

const text = (value) => ({ content: [{ type: "text", text: value }] });
const structured = (value) => ({ ...text(JSON.stringify(value)), structuredContent: value });

// Tools by name; each gets the arguments.
const tools = {
  echo: (args) => structured(args),
  add: ({ a, b }) => structured({ sum: a + b }),
  prototype: () => ({ content: [{ type: "text", text: '{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}' }] }),
  then_data: () => structured({ then: "data", catch: 1, toJSON: 2, constructor: 3 }),
  fail: () => ({ isError: true, ...text("it broke") }),
  fail_deep: () => ({ isError: true, content: [{ type: "text", text: "deep", _meta: { deep: nested(100) } }] }),
  escape: () => text("\u001b]0;owned\u0007\u001b[2J"),
};

const list = Object.keys(tools).map((name) => ({ name, description: name, inputSchema: { type: "object" } }));

function answer({ method, params }) {
  if (method === "initialize") return { result: { protocolVersion: "2025-06-18", capabilities: { tools: {} }, serverInfo: { name: "hub", version: "1" } } };
  if (method === "tools/list") return { result: { tools: list } };
  if (method === "tools/call" && params.name === "fail_error") return { error: { code: -32000, message: "deep", data: nested(126) } };
  if (method === "tools/call" && tools[params.name]) return { result: tools[params.name](params.arguments ?? {}) };
  return { error: { code: -32601, message: `no ${method}` } };
}

list.push({ name: "fail_error", description: "an error with deep data", inputSchema: { type: "object" } });

let rest = "";
process.stdin.setEncoding("utf8");
process.stdin.on("data", (chunk) => {
  const lines = (rest + chunk).split("\n");
  rest = lines.pop();
  for (const line of lines.filter(Boolean)) {
    const message = JSON.parse(line);
    if (message.id !== undefined) process.stdout.write(JSON.stringify({ jsonrpc: "2.0", id: message.id, ...answer(message) }) + "\n");
  }
});
