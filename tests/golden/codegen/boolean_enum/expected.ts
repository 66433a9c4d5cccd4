// check
interface Golden {
  use(input?: { a?: boolean; b?: true; c?: boolean | string }): Promise<{ a?: boolean; b?: true; c?: boolean | string }>;
}
declare const golden: Golden;
// compact
interface Golden {
  use(input?: { a?: boolean; b?: true; c?: boolean | string }): Promise<{ a?: boolean; b?: true; c?: boolean | string }>;
}
declare const golden: Golden;
// full
interface Golden {
  use(input?: {
    a?: boolean;
    b?: true;
    c?: boolean | string;
  }): Promise<{
    a?: boolean;
    b?: true;
    c?: boolean | string;
  }>;
}
declare const golden: Golden;
