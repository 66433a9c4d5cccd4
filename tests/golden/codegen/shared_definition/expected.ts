// check
interface Golden {
  use(input?: { a?: Golden.FilterItem; b?: Golden.FilterItem; c?: Golden.FilterItem }): Promise<{ a?: Golden.FilterItem; b?: Golden.FilterItem; c?: Golden.FilterItem }>;
}
declare namespace Golden {
  type FilterItem = { field: string; operator: "eq" | "ne" | "lt" | "gt"; value?: any };
}
declare const golden: Golden;
// compact
interface Golden {
  use(input?: { a?: Golden.FilterItem; b?: Golden.FilterItem; c?: Golden.FilterItem }): Promise<{ a?: Golden.FilterItem; b?: Golden.FilterItem; c?: Golden.FilterItem }>;
}
declare namespace Golden {
  type FilterItem = { field: string; operator: "eq" | "ne" | "lt" | "gt"; value?: any };
}
declare const golden: Golden;
// full
interface Golden {
  use(input?: {
    a?: Golden.FilterItem;
    b?: Golden.FilterItem;
    c?: Golden.FilterItem;
  }): Promise<{
    a?: Golden.FilterItem;
    b?: Golden.FilterItem;
    c?: Golden.FilterItem;
  }>;
}
declare namespace Golden {
  type FilterItem = {
    /** The field to compare. */
    field: string;
    operator: "eq" | "ne" | "lt" | "gt";
    value?: any;
  };
}
declare const golden: Golden;
