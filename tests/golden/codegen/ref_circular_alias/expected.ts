// check
interface Golden {
  use(input?: { a?: any; s?: any }): Promise<{ a?: any; s?: any }>;
}
declare const golden: Golden;
// compact
interface Golden {
  use(input?: { a?: any; s?: any }): Promise<{ a?: any; s?: any }>;
}
declare const golden: Golden;
// full
interface Golden {
  use(input?: {
    a?: any;
    s?: any;
  }): Promise<{
    a?: any;
    s?: any;
  }>;
}
declare const golden: Golden;
