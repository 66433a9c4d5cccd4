// The fixture whose tools answer in every way, behind the real program, for
// the tests that go through the contract of scripts line by line.
import { after, before } from "node:test";
import { Scripts, connect } from "./scripts.mjs";
import { World } from "./world.mjs";

// One program and one session for the tests of a describe(); `at` is filled
// before the first of them.
export function contractSession({ servers = () => ({}), settings = {} } = {}) {
  const at = {};
  before(async () => {
    at.world = new World();
    at.world.servers = { contract: at.world.fixture("contract.mjs"), ...servers(at.world) };
    at.program = await at.world.serve(settings);
    at.scripts = new Scripts(await connect(at.program));
  });
  after(async () => {
    await at.scripts?.client.close();
    await at.world.close();
  });
  return at;
}
