// A real server from npm that asks: its questions reach the client that runs the script, and the
// answers return to it.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { MODERN, Scripts, connect } from "./lib/scripts.mjs";
import { World } from "./lib/world.mjs";

const capabilities = { elicitation: { form: {} }, sampling: {}, roots: {} };
const answers = {
  "elicitation/create": { action: "accept", content: { name: "Ada Lovelace" } },
  "sampling/createMessage": { role: "assistant", model: "test-model", content: { type: "text", text: "written by the client" } },
  "roots/list": { roots: [{ uri: "file:///srv/work", name: "work" }] },
};

// A client that answers, and what it was asked.
async function connectAnswering(program, mode) {
  const client = await connect(program, mode, { capabilities });
  const asked = [];
  for (const [method, answer] of Object.entries(answers)) {
    client.setRequestHandler(method, ({ params }) => {
      asked.push({ method, params });
      return answer;
    });
  }
  return { client, asked, scripts: new Scripts(client) };
}

for (const mode of ["legacy", MODERN]) {
  describe(`a real server that asks a ${mode === "legacy" ? "legacy" : "modern"} client`, () => {
    let world, program, talk;
    before(async () => {
      world = new World();
      const url = `http://127.0.0.1:${await world.serveFixture("everything.mjs", "streamableHttp")}/mcp`;
      const { everything } = world.servers;
      world.servers = { piped: { ...everything, isolation: "session", roots: ["file:///srv/configured"] }, posted: { url } };
      program = await world.serve();
      talk = await connectAnswering(program, mode);
      await talk.client.listTools(undefined, { timeout: 90_000 });
    });
    after(async () => {
      await talk?.client.close();
      await world.close();
    });

    for (const server of ["piped", "posted"]) {
      test(`for a form, ${server}`, async () => {
        const told = JSON.stringify(await talk.scripts.text(`return ${server}.trigger_elicitation_request({})`));
        assert.match(told, /User provided the requested information/);
        assert.match(told, /Ada Lovelace/);
        const { params } = talk.asked.findLast(({ method }) => method === "elicitation/create");
        assert.match(params.message, new RegExp(server)); // who asks
      });

      test(`for a completion, ${server}`, async () => {
        const told = await talk.scripts.text(`return ${server}.trigger_sampling_request({ prompt: "a verse", maxTokens: 20 })`);
        assert.match(told, /written by the client/);
        const { params } = talk.asked.findLast(({ method }) => method === "sampling/createMessage");
        assert.equal(params.maxTokens, 20);
        assert.match(params.messages[0].content.text, /a verse/);
      });
    }

    // It asks once, when it begins: the client, or the configuration when no client can be told.
    test("for the roots", async () => {
      assert.match(await talk.scripts.text(`return piped.get_roots_list({})`), /file:\/\/\/srv\/(configured|work)/);
    });
  });
}
