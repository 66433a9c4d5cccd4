// check
interface Golden {
  use(input?: { a?: unknown; b?: unknown }): Promise<{ a?: unknown; b?: unknown }>;
}
declare const golden: Golden;
// compact
interface Golden {
  use(input?: { a?: unknown; b?: unknown }): Promise<{ a?: unknown; b?: unknown }>;
}
declare const golden: Golden;
// full
interface Golden {
  /** @note its schema refers to what is not in it, which is not fetched and so unknown */
  use(input?: {
    /** @note https://example.com/other.json is not in the schema, and not fetched */
    a?: unknown;
    /** @note #/$defs/missing is not in the schema, and not fetched */
    b?: unknown;
  }): Promise<{
    /** @note https://example.com/other.json is not in the schema, and not fetched */
    a?: unknown;
    /** @note #/$defs/missing is not in the schema, and not fetched */
    b?: unknown;
  }>;
}
declare const golden: Golden;
