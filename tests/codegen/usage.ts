// Scripts against the declarations of usage.catalogue.json: what is right compiles, and each line
// under @ts-expect-error is refused.
export default async function () {
  const { orders } = await shop.list_orders();
  const sum: number = orders.reduce((total, order) => total + order.total, 0);
  await shop["list-orders"]({ state: "open" });
  await shop.list_orders({ limit: 5 });
  // @ts-expect-error: not one of the values
  await shop.list_orders({ state: "opened" });
  // @ts-expect-error: a misspelt name
  await shop.list_orders({ limmit: 5 });
  // @ts-expect-error: not in the output
  orders[0]?.price;
  // @ts-expect-error: may be null
  orders[0]!.note.length;

  const order = await shop.get_order({ id: "1" });
  const lines: string[] = order.lines.map((line: { name: string }) => line.name);
  for (const line of order.lines) line.anything.at.all();
  // @ts-expect-error: its argument is required
  await shop.get_order();
  // @ts-expect-error: positional
  await shop.get_order("1");
  // @ts-expect-error: the wrong type
  await shop.get_order({ id: 1 });

  await shop.delete({ id: "1" });
  await shop.delete_({ id: "1" });
  await shop.ping();
  await shop.ping({});
  // @ts-expect-error: takes nothing
  await shop.ping({ now: true });
  await shop.free();
  await shop.free({ any: ["thing"] });

  await shop.tag({ labels: { a: "b" }, ids: ["a", 1] });
  // @ts-expect-error: labels are texts
  await shop.tag({ labels: { a: 1 } });
  // @ts-expect-error: neither text nor number
  await shop.tag({ ids: [true] });

  await shop.find({ mode: "m", path: "/" });
  await shop.find({ mode: "m", id: 1, path: "/" });
  // @ts-expect-error: one of path and id is required
  await shop.find({ mode: "m" });
  // @ts-expect-error: the type of path holds beside the choice
  await shop.find({ mode: "m", path: 1 });

  await shop.draw({ shape: { kind: "circle", radius: 1 } });
  // @ts-expect-error: of the other kind
  await shop.draw({ shape: { kind: "circle", side: 1 } });
  await shop.tree({ root: { name: "a", children: [{ name: "b", children: [] }] } });
  // @ts-expect-error: deep inside
  await shop.tree({ root: { name: "a", children: [{ title: "b" }] } });
  await shop.run({ transport: "stdio", command: "x" });
  await shop.run({ transport: "http", url: "x" });
  // @ts-expect-error: no such tool
  await shop.get_orders({});

  // Observed: what was not in all replies is optional, what was in none may be read.
  const seen = await shop.look({ id: "1" });
  const first: number = seen.id + seen.items[0].n + seen.title.length;
  console.log(first, seen.never.seen[0].at.all(), seen.empty.map((one) => one.name), seen.owner?.seat.number);
  console.log(seen.note?.length, seen.page?.next, seen.owner?.login, seen.items.map((one) => one.by?.name ?? one.other.deep));
  const { id, missing = 5, ...others } = seen;
  if (seen.owner && seen.page) console.log(id, missing, others.page, seen.owner.login + seen.page.next);
  seen.added = {};
  // @ts-expect-error: may be null
  seen.owner.login;
  // @ts-expect-error: was not in all replies
  seen.page.next;
  // @ts-expect-error: nor was this, deep inside
  seen.items.map((one) => one.by.name);
  const listed = await shop.list();
  for (const one of listed) console.log(one.id, one.late?.by, one.never.seen);
  console.log(listed.total.of.pages, listed.filter((one) => one.id > 1).length, (await shop.say()).split(" "));

  const found = await mcp.search("orders", { limit: 3 });
  const text: string = (await mcp.describe(found[0]!.path)).slice(0, 100);
  const raw = await mcp.call("shop", "ping", {}, { timeout: 1000 });
  const all = await mcp.call(shop, "get_order", { id: "1" });
  await mcp.resources();
  await mcp.resources.read(shop, "file:///a");
  await mcp.prompts.get("shop", "p", { a: "b" });
  mcp.emit("text");
  mcp.emit({ type: "image", data: "", mimeType: "image/png" });
  mcp.progress(1, 2, "half");
  try {
    await shop.ping();
  } catch (error) {
    if (error instanceof ToolError) console.warn(error.server, error.tool, error.content, error.code);
  }
  const timer = setTimeout(() => console.log("late"), 10);
  clearTimeout(timer);
  const url = new URL("/a?b=c", "https://example.com");
  console.log(url.searchParams.get("b"), btoa(atob("YQ==")), crypto.randomUUID(), performance.now());
  console.log(new TextDecoder().decode(new TextEncoder().encode("a")), structuredClone({ a: 1 }).a);
  const controller = new AbortController();
  controller.abort();
  // @ts-expect-error: no network
  await fetch("https://example.com");
  return { sum, lines, text, raw: raw.content, all: all.structuredContent, input: input.anything, aborted: controller.signal.aborted };
}
