// check
interface Golden {
  use(input: { tree: Golden.Node }): Promise<{ tree: Golden.Node }>;
}
declare namespace Golden {
  type Node = { name: string; children?: Node[] };
}
declare const golden: Golden;
// compact
interface Golden {
  use(input: { tree: Golden.Node }): Promise<{ tree: Golden.Node }>;
}
declare namespace Golden {
  type Node = { name: string; children?: Node[] };
}
declare const golden: Golden;
// full
interface Golden {
  use(input: {
    tree: Golden.Node;
  }): Promise<{
    tree: Golden.Node;
  }>;
}
declare namespace Golden {
  type Node = {
    /** The node's name. */
    name: string;
    children?: Node[];
  };
}
declare const golden: Golden;
