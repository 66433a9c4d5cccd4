// check
interface Golden {
  use(input: { a: string | null; b?: number | null; c: string | null; d?: string | null; e?: boolean | null; f?: "x" | null; g?: string[] | null; h?: { x?: number } | null; i?: "a" | "b" | null }): Promise<{ a: string | null; b?: number | null; c: string | null; d?: string | null; e?: boolean | null; f?: "x" | null; g?: string[] | null; h?: { x?: number } | null; i?: "a" | "b" | null }>;
}
declare const golden: Golden;
// compact
interface Golden {
  use(input: { a: string | null; b?: number | null; c: string | null; d?: string | null; e?: boolean | null; f?: "x" | null; g?: string[] | null; h?: { x?: number } | null; i?: "a" | "b" | null }): Promise<{ a: string | null; b?: number | null; c: string | null; d?: string | null; e?: boolean | null; f?: "x" | null; g?: string[] | null; h?: { x?: number } | null; i?: "a" | "b" | null }>;
}
declare const golden: Golden;
// full
interface Golden {
  use(input: {
    a: string | null;
    /**
     * @integer
     * @default null
     */
    b?: number | null;
    c: string | null;
    /** @default null */
    d?: string | null;
    e?: boolean | null;
    f?: "x" | null;
    g?: string[] | null;
    h?: {
      x?: number;
    } | null;
    i?: "a" | "b" | null;
  }): Promise<{
    a: string | null;
    /**
     * @integer
     * @default null
     */
    b?: number | null;
    c: string | null;
    /** @default null */
    d?: string | null;
    e?: boolean | null;
    f?: "x" | null;
    g?: string[] | null;
    h?: {
      x?: number;
    } | null;
    i?: "a" | "b" | null;
  }>;
}
declare const golden: Golden;
