// check
interface Golden {
  use(input?: { ids?: (string | number)[]; either?: (string | { id: number })[]; matrix?: number[][]; any?: any[]; any_items?: any[] }): Promise<{ ids?: (string | number)[]; either?: (string | { id: number })[]; matrix?: number[][]; any?: any[]; any_items?: any[] }>;
}
declare const golden: Golden;
// compact
interface Golden {
  use(input?: { ids?: (string | number)[]; either?: (string | { id: number })[]; matrix?: number[][]; any?: any[]; any_items?: any[] }): Promise<{ ids?: (string | number)[]; either?: (string | { id: number })[]; matrix?: number[][]; any?: any[]; any_items?: any[] }>;
}
declare const golden: Golden;
// full
interface Golden {
  use(input?: {
    ids?: (string | number)[];
    either?: (string | {
      /** @integer */
      id: number;
    })[];
    matrix?: number[][];
    any?: any[];
    any_items?: any[];
  }): Promise<{
    ids?: (string | number)[];
    either?: (string | {
      /** @integer */
      id: number;
    })[];
    matrix?: number[][];
    any?: any[];
    any_items?: any[];
  }>;
}
declare const golden: Golden;
