// check
interface Golden {
  use(input: { a: string; b: any }): Promise<{ a: string; b: any }>;
}
declare const golden: Golden;
// compact
interface Golden {
  use(input: { a: string; b: any }): Promise<{ a: string; b: any }>;
}
declare const golden: Golden;
// full
interface Golden {
  use(input: {
    a: string;
    b: any;
  }): Promise<{
    a: string;
    b: any;
  }>;
}
declare const golden: Golden;
