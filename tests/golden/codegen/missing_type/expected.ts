// check
interface Golden {
  use(input?: { object?: { a: string }; array?: string[]; string?: string; number?: number; anything?: any; unknown_type?: any }): Promise<{ object?: { a: string }; array?: string[]; string?: string; number?: number; anything?: any; unknown_type?: any }>;
}
declare const golden: Golden;
// compact
interface Golden {
  use(input?: { object?: { a: string }; array?: string[]; string?: string; number?: number; anything?: any; unknown_type?: any }): Promise<{ object?: { a: string }; array?: string[]; string?: string; number?: number; anything?: any; unknown_type?: any }>;
}
declare const golden: Golden;
// full
interface Golden {
  use(input?: {
    object?: {
      a: string;
    };
    array?: string[];
    /** @minLength 1 */
    string?: string;
    /** @minimum 0 */
    number?: number;
    /** Anything at all. */
    anything?: any;
    unknown_type?: any;
  }): Promise<{
    object?: {
      a: string;
    };
    array?: string[];
    /** @minLength 1 */
    string?: string;
    /** @minimum 0 */
    number?: number;
    /** Anything at all. */
    anything?: any;
    unknown_type?: any;
  }>;
}
declare const golden: Golden;
