// check
interface Golden {
  use(input?: { merged?: { a: "x" | "y"; b?: number }; described?: "k" | "m"; narrowed?: string; impossible?: any }): Promise<{ merged?: { a: "x" | "y"; b?: number }; described?: "k" | "m"; narrowed?: string; impossible?: any }>;
}
declare const golden: Golden;
// compact
interface Golden {
  use(input?: { merged?: { a: "x" | "y"; b?: number }; described?: "k" | "m"; narrowed?: string; impossible?: any }): Promise<{ merged?: { a: "x" | "y"; b?: number }; described?: "k" | "m"; narrowed?: string; impossible?: any }>;
}
declare const golden: Golden;
// full
interface Golden {
  use(input?: {
    merged?: {
      a: "x" | "y";
      b?: number;
    };
    /**
     * Documented here.
     * @default "m"
     */
    described?: "k" | "m";
    /** @allOf (minLength 2) (pattern ^a) */
    narrowed?: string;
    impossible?: any;
  }): Promise<{
    merged?: {
      a: "x" | "y";
      b?: number;
    };
    /**
     * Documented here.
     * @default "m"
     */
    described?: "k" | "m";
    /** @allOf (minLength 2) (pattern ^a) */
    narrowed?: string;
    impossible?: any;
  }>;
}
declare const golden: Golden;
