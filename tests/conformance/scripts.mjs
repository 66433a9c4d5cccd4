// What is done in each scenario of the client suite: a script, before which the server is called
// `target`; or what a client does with the server mirrored, where JSON must be seen as it is.
const LIST = `return (await mcp.servers()).map(({ tools, state, problem }) => ({ tools, state, problem }));`;

// A call that may fail: what is looked at is how it was made.
const calls = (...names) => names.map((name) => `await mcp.call("target", ${JSON.stringify(name)}, {}).catch(String);`).join("\n");

const USE_FIRST = `
  const [tool] = Object.keys(target);
  await mcp.call("target", tool, {});
  const [{ uri }] = await mcp.resources("target");
  await mcp.resources.read("target", uri);
  const [{ name }] = await mcp.prompts("target");
  await mcp.prompts.get("target", name, {});`;

async function echoSchema(client) {
  const { tools } = await client.listTools();
  const { inputSchema } = tools.find(({ name }) => name === "json_schema_2020_12_tool");
  return client.callTool({ name: "json_schema_echo", arguments: { schema: inputSchema } });
}

export const scripts = {
  initialize: LIST,
  "request-metadata": LIST,
  "json-schema-ref-no-deref": LIST,
  "json-schema-2020-12-preservation": echoSchema,
  tools_call: `return target.add_numbers({ a: 5, b: 3 });`,
  "elicitation-sep1034-client-defaults": calls("test_client_elicitation_defaults"),
  "sse-retry": calls("test_reconnection"),
  "sep-2322-client-request-state": calls("test_mrtr_echo_state", "test_mrtr_no_state", "test_mrtr_unrelated", "test_mrtr_no_result_type"),
  "http-standard-headers": USE_FIRST,
  "http-custom-headers": `for (const { name, arguments: args } of input) await mcp.call("target", name, args);`,
  "http-invalid-tool-headers": `for (const name of Object.keys(target)) await mcp.call("target", name, { region: "us-west1" });`,
};
