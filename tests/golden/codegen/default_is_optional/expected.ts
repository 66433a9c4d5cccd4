// check
interface Golden {
  use(input: { page?: number; query: string }): Promise<{ page: number; query: string }>;
}
declare const golden: Golden;
// compact
interface Golden {
  use(input: { page?: number; query: string }): Promise<{ page: number; query: string }>;
}
declare const golden: Golden;
// full
interface Golden {
  use(input: {
    /**
     * @integer
     * @default 1
     */
    page?: number;
    query: string;
  }): Promise<{
    /**
     * @integer
     * @default 1
     */
    page: number;
    query: string;
  }>;
}
declare const golden: Golden;
