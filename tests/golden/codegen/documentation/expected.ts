// check
interface Golden {
  use(input?: { when?: string; size?: number; safe?: number; name?: string; list?: string[]; old?: string; titled?: string; nested?: { inner?: boolean }; maybe?: string | null }): Promise<{ when?: string; size?: number; safe?: number; name?: string; list?: string[]; old?: string; titled?: string; nested?: { inner?: boolean }; maybe?: string | null }>;
}
declare const golden: Golden;
// compact
interface Golden {
  use(input?: { when?: string; size?: number; safe?: number; name?: string; list?: string[]; old?: string; titled?: string; nested?: { inner?: boolean }; maybe?: string | null }): Promise<{ when?: string; size?: number; safe?: number; name?: string; list?: string[]; old?: string; titled?: string; nested?: { inner?: boolean }; maybe?: string | null }>;
}
declare const golden: Golden;
// full
interface Golden {
  use(input?: {
    /**
     * When it starts.
     * In UTC.
     * @format date-time
     * @example "2026-01-01T00:00:00Z"
     */
    when?: string;
    /**
     * How many.
     * @integer
     * @minimum 1
     * @maximum 10
     * @default 5
     */
    size?: number;
    /** @integer */
    safe?: number;
    /**
     * @pattern ^[a-z]+$
     * @minLength 1
     * @maxLength 64
     */
    name?: string;
    /**
     * @minItems 1
     * @maxItems 3
     * @uniqueItems
     */
    list?: string[];
    /**
     * @deprecated
     * @readonly
     */
    old?: string;
    /** A title */
    titled?: string;
    /** Holds more. */
    nested?: {
      /**
       * Inside.
       * @default false
       */
      inner?: boolean;
    };
    /**
     * Short.
     * @maxLength 5
     */
    maybe?: string | null;
  }): Promise<{
    /**
     * When it starts.
     * In UTC.
     * @format date-time
     * @example "2026-01-01T00:00:00Z"
     */
    when?: string;
    /**
     * How many.
     * @integer
     * @minimum 1
     * @maximum 10
     * @default 5
     */
    size?: number;
    /** @integer */
    safe?: number;
    /**
     * @pattern ^[a-z]+$
     * @minLength 1
     * @maxLength 64
     */
    name?: string;
    /**
     * @minItems 1
     * @maxItems 3
     * @uniqueItems
     */
    list?: string[];
    /**
     * @deprecated
     * @readonly
     */
    old?: string;
    /** A title */
    titled?: string;
    /** Holds more. */
    nested?: {
      /**
       * Inside.
       * @default false
       */
      inner?: boolean;
    };
    /**
     * Short.
     * @maxLength 5
     */
    maybe?: string | null;
  }>;
}
declare const golden: Golden;
