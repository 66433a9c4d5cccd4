// check
interface Golden {
  use(input?: { a?: string; b?: any; c?: { x?: string } }): Promise<{ a?: string; b?: any; c?: { x?: string } }>;
}
declare const golden: Golden;
// compact
interface Golden {
  use(input?: { a?: string; b?: any; c?: { x?: string } }): Promise<{ a?: string; b?: any; c?: { x?: string } }>;
}
declare const golden: Golden;
// full
interface Golden {
  use(input?: {
    /** @anyOf (string) (...) (format date) */
    a?: string;
    b?: any;
    c?: {
      x?: string;
    };
  }): Promise<{
    /** @anyOf (string) (...) (format date) */
    a?: string;
    b?: any;
    c?: {
      x?: string;
    };
  }>;
}
declare const golden: Golden;
