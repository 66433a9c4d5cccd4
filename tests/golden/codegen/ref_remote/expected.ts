// check
interface Golden {
  use(input?: { a?: any; b?: any }): Promise<{ a?: any; b?: any }>;
}
declare const golden: Golden;
// compact
interface Golden {
  use(input?: { a?: any; b?: any }): Promise<{ a?: any; b?: any }>;
}
declare const golden: Golden;
// full
interface Golden {
  /** @note its schema refers to another document, which is not fetched */
  use(input?: {
    a?: any;
    b?: any;
  }): Promise<{
    a?: any;
    b?: any;
  }>;
}
declare const golden: Golden;
