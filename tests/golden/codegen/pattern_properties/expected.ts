// check
interface Golden {
  use(input?: { env?: { [key: string]: string }; two?: { [key: `s${string}`]: string; [key: `n${string}`]: number } }): Promise<{ env?: { [key: string]: string }; two?: { [key: `s${string}`]: string; [key: `n${string}`]: number } }>;
}
declare const golden: Golden;
// compact
interface Golden {
  use(input?: { env?: { [key: string]: string }; two?: { [key: `s${string}`]: string; [key: `n${string}`]: number } }): Promise<{ env?: { [key: string]: string }; two?: { [key: `s${string}`]: string; [key: `n${string}`]: number } }>;
}
declare const golden: Golden;
// full
interface Golden {
  use(input?: {
    /** @keys matching ^[A-Z]+$ */
    env?: { [key: string]: string };
    /**
     * @keys matching ^s
     * @keys matching ^n
     */
    two?: {
      [key: `s${string}`]: string;
      [key: `n${string}`]: number;
    };
  }): Promise<{
    /** @keys matching ^[A-Z]+$ */
    env?: { [key: string]: string };
    /**
     * @keys matching ^s
     * @keys matching ^n
     */
    two?: {
      [key: `s${string}`]: string;
      [key: `n${string}`]: number;
    };
  }>;
}
declare const golden: Golden;
