// Which region sold most?  One program, three MCP servers: the files are read
// and added up here, and only the answer goes back to the model.
interface Order {
  region: string;
  amount: number;
}

const listing = await files.list_directory({ path: input.folder });
const names = listing.content.split("\n").map((line) => line.replace("[FILE] ", ""));
console.log(`${names.length} files`);

// All of them at once.
const texts = await Promise.all(
  names.map((name) => files.read_text_file({ path: `${input.folder}/${name}` })),
);
const orders: Order[] = texts.flatMap((text) => JSON.parse(text.content));
mcp.progress(1, 3, `${orders.length} orders read`);

const total: Record<string, number> = {};
for (const { region, amount } of orders) total[region] = (total[region] ?? 0) + amount;
const ranking = Object.entries(total).sort(([, a], [, b]) => b - a);
const [best, amount] = ranking[0];

await memory.create_entities({
  entities: [{ name: best, entityType: "region", observations: [`sold ${amount}`] }],
});
mcp.progress(2, 3, `${best} goes into the memory`);

const [sum, graph] = await Promise.all([
  everything.get_sum({ a: ranking[0][1], b: ranking[1][1] }),
  memory.search_nodes({ query: best }),
]);
return { best, ranking, topTwo: sum, remembered: graph.entities.length };
