// check
interface Golden {
  use(input: { path?: string; id?: number; mode: string } & ({ path: unknown } | { id: unknown })): Promise<{ path?: string; id?: number; mode: string } & ({ path: unknown } | { id: unknown })>;
}
declare const golden: Golden;
// compact
interface Golden {
  use(input: { path?: string; id?: number; mode: string } & ({ path: unknown } | { id: unknown })): Promise<{ path?: string; id?: number; mode: string } & ({ path: unknown } | { id: unknown })>;
}
declare const golden: Golden;
// full
interface Golden {
  use(input: {
    path?: string;
    /** @integer */
    id?: number;
    mode: string;
  } & ({
    path: unknown;
  } | {
    id: unknown;
  })): Promise<{
    path?: string;
    /** @integer */
    id?: number;
    mode: string;
  } & ({
    path: unknown;
  } | {
    id: unknown;
  })>;
}
declare const golden: Golden;
