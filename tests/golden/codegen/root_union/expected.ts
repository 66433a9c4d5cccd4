// check
interface Golden {
  use(input: { a: string } | { b: number }): Promise<{ a: string } | { b: number }>;
}
declare const golden: Golden;
// compact
interface Golden {
  use(input: { a: string } | { b: number }): Promise<{ a: string } | { b: number }>;
}
declare const golden: Golden;
// full
interface Golden {
  use(input: {
    a: string;
  } | {
    b: number;
  }): Promise<{
    a: string;
  } | {
    b: number;
  }>;
}
declare const golden: Golden;
