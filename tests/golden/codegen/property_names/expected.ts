// check
interface Golden {
  use(input?: { scores?: { low?: number; high?: number }; needed?: { a: boolean; b: boolean }; text?: { [key: string]: string } }): Promise<{ scores?: { low?: number; high?: number }; needed?: { a: boolean; b: boolean }; text?: { [key: string]: string } }>;
}
declare const golden: Golden;
// compact
interface Golden {
  use(input?: { scores?: { low?: number; high?: number }; needed?: { a: boolean; b: boolean }; text?: { [key: string]: string } }): Promise<{ scores?: { low?: number; high?: number }; needed?: { a: boolean; b: boolean }; text?: { [key: string]: string } }>;
}
declare const golden: Golden;
// full
interface Golden {
  use(input?: {
    scores?: {
      low?: number;
      high?: number;
    };
    needed?: {
      a: boolean;
      b: boolean;
    };
    /** @keys pattern ^x */
    text?: { [key: string]: string };
  }): Promise<{
    scores?: {
      low?: number;
      high?: number;
    };
    needed?: {
      a: boolean;
      b: boolean;
    };
    /** @keys pattern ^x */
    text?: { [key: string]: string };
  }>;
}
declare const golden: Golden;
