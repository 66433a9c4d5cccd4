// check
interface Golden {
  use(input: { from: { latitude: number; longitude: number }; to?: { latitude: number; longitude: number }; old?: string }): Promise<{ from: { latitude: number; longitude: number }; to?: { latitude: number; longitude: number }; old?: string }>;
}
declare const golden: Golden;
// compact
interface Golden {
  use(input: { from: { latitude: number; longitude: number }; to?: { latitude: number; longitude: number }; old?: string }): Promise<{ from: { latitude: number; longitude: number }; to?: { latitude: number; longitude: number }; old?: string }>;
}
declare const golden: Golden;
// full
interface Golden {
  use(input: {
    /** A place on the map. */
    from: {
      latitude: number;
      longitude: number;
    };
    /** Where it ends. */
    to?: {
      latitude: number;
      longitude: number;
    };
    /** @maxLength 20 */
    old?: string;
  }): Promise<{
    /** A place on the map. */
    from: {
      latitude: number;
      longitude: number;
    };
    /** Where it ends. */
    to?: {
      latitude: number;
      longitude: number;
    };
    /** @maxLength 20 */
    old?: string;
  }>;
}
declare const golden: Golden;
