// check
interface Golden {
  use(input: { a: string }): Promise<{ a: string }>;
}
declare const golden: Golden;
// compact
interface Golden {
  use(input: { a: string }): Promise<{ a: string }>;
}
declare const golden: Golden;
// full
interface Golden {
  use(input: {
    a: string;
  }): Promise<{
    a: string;
  }>;
}
declare const golden: Golden;
