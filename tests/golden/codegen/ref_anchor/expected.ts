// check
interface Golden {
  use(input?: { a?: number; b?: boolean; c?: number; d?: string; e?: number }): Promise<{ a?: number; b?: boolean; c?: number; d?: string; e?: number }>;
}
declare const golden: Golden;
// compact
interface Golden {
  use(input?: { a?: number; b?: boolean; c?: number; d?: string; e?: number }): Promise<{ a?: number; b?: boolean; c?: number; d?: string; e?: number }>;
}
declare const golden: Golden;
// full
interface Golden {
  use(input?: {
    /** @integer */
    a?: number;
    b?: boolean;
    /** @integer */
    c?: number;
    d?: string;
    /** @integer */
    e?: number;
  }): Promise<{
    /** @integer */
    a?: number;
    b?: boolean;
    /** @integer */
    c?: number;
    d?: string;
    /** @integer */
    e?: number;
  }>;
}
declare const golden: Golden;
