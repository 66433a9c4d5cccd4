// check
interface Golden {
  use(input?: Golden.Use & { name?: string }): Promise<Golden.Use & { name?: string }>;
}
declare namespace Golden {
  type Use = { children?: (Use & { name?: string })[] };
}
declare const golden: Golden;
// compact
interface Golden {
  use(input?: Golden.Use & { name?: string }): Promise<Golden.Use & { name?: string }>;
}
declare namespace Golden {
  type Use = { children?: (Use & { name?: string })[] };
}
declare const golden: Golden;
// full
interface Golden {
  use(input?: Golden.Use & {
    name?: string;
  }): Promise<Golden.Use & {
    name?: string;
  }>;
}
declare namespace Golden {
  type Use = {
    children?: (Use & {
      name?: string;
    })[];
  };
}
declare const golden: Golden;
