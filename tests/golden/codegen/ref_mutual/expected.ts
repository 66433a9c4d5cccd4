// check
interface Golden {
  use(input?: { a?: Golden.A }): Promise<{ a?: Golden.A }>;
}
declare namespace Golden {
  type A = { b?: B };
  type B = A[] | null;
}
declare const golden: Golden;
// compact
interface Golden {
  use(input?: { a?: Golden.A }): Promise<{ a?: Golden.A }>;
}
declare namespace Golden {
  type A = { b?: B };
  type B = A[] | null;
}
declare const golden: Golden;
// full
interface Golden {
  use(input?: {
    a?: Golden.A;
  }): Promise<{
    a?: Golden.A;
  }>;
}
declare namespace Golden {
  type A = {
    b?: B;
  };
  type B = A[] | null;
}
declare const golden: Golden;
