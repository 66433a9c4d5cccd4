// check
interface Golden {
  use(input?: { a?: number }): Promise<{ a?: number }>;
}
declare const golden: Golden;
// compact
interface Golden {
  use(input?: { a?: number }): Promise<{ a?: number }>;
}
declare const golden: Golden;
// full
interface Golden {
  use(input?: {
    a?: number;
  }): Promise<{
    a?: number;
  }>;
}
declare const golden: Golden;
