// check
interface Golden {
  use(input?: { point?: [number, number]; old?: [string?, (number | null)?, ...any[]]; rest?: [string, ...(string | number)[]]; old_rest?: [string?, ...boolean[]]; exact?: [string, string] }): Promise<{ point?: [number, number]; old?: [string, number | null, ...any[]]; rest?: [string, ...(string | number)[]]; old_rest?: [string, ...boolean[]]; exact?: [string, string] }>;
}
declare const golden: Golden;
// compact
interface Golden {
  use(input?: { point?: [number, number]; old?: [string?, (number | null)?, ...any[]]; rest?: [string, ...(string | number)[]]; old_rest?: [string?, ...boolean[]]; exact?: [string, string] }): Promise<{ point?: [number, number]; old?: [string, number | null, ...any[]]; rest?: [string, ...(string | number)[]]; old_rest?: [string, ...boolean[]]; exact?: [string, string] }>;
}
declare const golden: Golden;
// full
interface Golden {
  use(input?: {
    /** @minItems 2 */
    point?: [number, number];
    old?: [string?, (number | null)?, ...any[]];
    /** @minItems 1 */
    rest?: [string, ...(string | number)[]];
    old_rest?: [string?, ...boolean[]];
    /**
     * @minItems 2
     * @maxItems 2
     */
    exact?: [string, string];
  }): Promise<{
    /** @minItems 2 */
    point?: [number, number];
    old?: [string, number | null, ...any[]];
    /** @minItems 1 */
    rest?: [string, ...(string | number)[]];
    old_rest?: [string, ...boolean[]];
    /**
     * @minItems 2
     * @maxItems 2
     */
    exact?: [string, string];
  }>;
}
declare const golden: Golden;
