// The client under test for the suite: mcpfold with one server, driven by a script.
//
//     client.mjs URL
//
// MCP_CONFORMANCE_SCENARIO says what to do, MCP_CONFORMANCE_PROTOCOL_VERSION in which era,
// MCP_CONFORMANCE_CONTEXT with what.  Ends with 1 when the scenario can't be done.
import { scripts } from "./scripts.mjs";

const { MCP_CONFORMANCE_SCENARIO: scenario, MCP_CONFORMANCE_PROTOCOL_VERSION: revision, MCP_CONFORMANCE_CONTEXT: context } = process.env;

// All scenarios are started at once: what can't be done costs no more than this.
if (!scripts[scenario]) {
  console.error(`no script for the scenario ${scenario}`);
  process.exit(1);
}
try {
  const { drive } = await import("./drive.mjs");
  process.exitCode = await drive(process.argv[2], revision, scripts[scenario], context && JSON.parse(context).toolCalls);
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
