// check
interface Golden {
  use(input?: { headers?: { "x-id"?: number; host?: string; [key: `x-${string}`]: any }; files?: { [key: `${string}.json`]: { a?: number } }; hostile?: { [key: string]: any }; mixed?: { [key: `n_${string}`]: boolean; [key: string]: number | boolean }; exact?: { [key: string]: string } }): Promise<{ headers?: { "x-id"?: number; host?: string; [key: `x-${string}`]: any }; files?: { [key: `${string}.json`]: { a?: number } }; hostile?: { [key: string]: any }; mixed?: { [key: `n_${string}`]: boolean; [key: string]: number | boolean }; exact?: { [key: string]: string } }>;
}
declare const golden: Golden;
// compact
interface Golden {
  use(input?: { headers?: { "x-id"?: number; host?: string; [key: `x-${string}`]: any }; files?: { [key: `${string}.json`]: { a?: number } }; hostile?: { [key: string]: any }; mixed?: { [key: `n_${string}`]: boolean; [key: string]: number | boolean }; exact?: { [key: string]: string } }): Promise<{ headers?: { "x-id"?: number; host?: string; [key: `x-${string}`]: any }; files?: { [key: `${string}.json`]: { a?: number } }; hostile?: { [key: string]: any }; mixed?: { [key: `n_${string}`]: boolean; [key: string]: number | boolean }; exact?: { [key: string]: string } }>;
}
declare const golden: Golden;
// full
interface Golden {
  use(input?: {
    /** @keys matching ^x- */
    headers?: {
      "x-id"?: number;
      host?: string;
      [key: `x-${string}`]: any;
    };
    /** @keys matching \.json$ */
    files?: {
      [key: `${string}.json`]: {
        a?: number;
      };
    };
    /**
     * @keys matching `$\{x\}
     * @keys matching ^é`
     */
    hostile?: { [key: string]: any };
    /**
     * @keys matching ^[a-z]+$
     * @keys matching ^n_
     */
    mixed?: {
      [key: `n_${string}`]: boolean;
      [key: string]: number | boolean;
    };
    /** @keys matching ^only$ */
    exact?: { [key: string]: string };
  }): Promise<{
    /** @keys matching ^x- */
    headers?: {
      "x-id"?: number;
      host?: string;
      [key: `x-${string}`]: any;
    };
    /** @keys matching \.json$ */
    files?: {
      [key: `${string}.json`]: {
        a?: number;
      };
    };
    /**
     * @keys matching `$\{x\}
     * @keys matching ^é`
     */
    hostile?: { [key: string]: any };
    /**
     * @keys matching ^[a-z]+$
     * @keys matching ^n_
     */
    mixed?: {
      [key: `n_${string}`]: boolean;
      [key: string]: number | boolean;
    };
    /** @keys matching ^only$ */
    exact?: { [key: string]: string };
  }>;
}
declare const golden: Golden;
