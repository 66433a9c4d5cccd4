// check
interface Golden {
  use(input?: { mixed?: { a: string; [key: string]: any }; closed?: { b?: number; [key: string]: any }; either?: unknown; list?: unknown[] }): Promise<{ mixed?: { a: string; [key: string]: any }; closed?: { b?: number; [key: string]: any }; either?: unknown; list?: unknown[] }>;
}
declare const golden: Golden;
// compact
interface Golden {
  use(input?: { mixed?: { a: string }; closed?: { b?: number }; either?: unknown; list?: unknown[] }): Promise<{ mixed?: { a: string }; closed?: { b?: number }; either?: unknown; list?: unknown[] }>;
}
declare const golden: Golden;
// full
interface Golden {
  /** @note its schema refers to what is not in it, which is not fetched and so unknown */
  use(input?: {
    mixed?: {
      a: string;
      [key: string]: any;
    };
    /** @note https://example.com/common.json is not in the schema, and not fetched */
    closed?: {
      b?: number;
      [key: string]: any;
    };
    /** @note https://example.com/common.json is not in the schema, and not fetched */
    either?: unknown;
    list?: unknown[];
  }): Promise<{
    mixed?: {
      a: string;
      [key: string]: any;
    };
    /** @note https://example.com/common.json is not in the schema, and not fetched */
    closed?: {
      b?: number;
      [key: string]: any;
    };
    /** @note https://example.com/common.json is not in the schema, and not fetched */
    either?: unknown;
    list?: unknown[];
  }>;
}
declare const golden: Golden;
