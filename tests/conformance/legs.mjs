// The legs: the suite against the fixture alone, through mcpfold in its modes, and as a server for it.
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { node, World } from "../scenario/lib/world.mjs";
import { LEGACY, MODERN } from "./revisions.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const FIXTURE = "conformance.mjs";
const ASKS = ["elicitation", "sampling", "roots"];

// The fixture in some eras, as a server of a configuration.
async function upstream(world, transport, eras) {
  // A question of a legacy server over stdio names no request: each client has a connection of its own.
  const isolation = eras === "legacy" && transport === "stdio" ? "session" : "shared";
  const pinned = { era: eras === "dual" ? "auto" : eras, ask: ASKS, isolation };
  if (transport === "stdio") return { ...world.fixture(FIXTURE, "stdio", eras), ...pinned };
  return { url: `http://127.0.0.1:${await world.serveFixture(FIXTURE, eras)}/mcp`, ...pinned };
}

// What the fixture is sent here comes from the suite, which says wrong things on purpose.
const alone = (revision) => ({
  name: `fixture-${revision}`,
  side: "server",
  revision,
  isRecorded: false,
  start: async (world) => `http://127.0.0.1:${await world.serveFixture(FIXTURE, "dual")}/mcp`,
});

const throughMode = (name, revision, settings, prepare, sameAs) => ({
  name,
  side: "server",
  revision,
  sameAs,
  start: async (world) => {
    const fixture = await prepare(world);
    return (await world.serve({ ...settings, servers: { fixture } })).url.href;
  },
});

const passthrough = (transport, era, revision) =>
  throughMode(
    `passthrough-${transport}-${era}-${revision}`,
    revision,
    { mode: "passthrough" },
    (world) => upstream(world, transport, era),
    (era === "legacy") === (revision === LEGACY) ? `fixture-${revision}` : undefined,
  );

const native = (revision) => throughMode(`native-${revision}`, revision, {}, (world) => upstream(world, "stdio", "dual"));

const client = (revision) => ({
  name: `client-${revision}`,
  side: "client",
  revision,
  start: () => `${node} ${join(here, "client.mjs")}`,
});

const revisions = [LEGACY, MODERN];
const crossed = (...lists) => lists.reduce((rows, list) => rows.flatMap((row) => list.map((item) => [...row, item])), [[]]);

export const legs = [
  ...revisions.map(alone),
  ...crossed(["stdio", "http"], ["legacy", "modern"], revisions).map((row) => passthrough(...row)),
  ...revisions.map(native),
  ...revisions.map(client),
];

export const worldOf = ({ isRecorded = true }) => Object.assign(new World({ isRecorded }), { servers: {} });
