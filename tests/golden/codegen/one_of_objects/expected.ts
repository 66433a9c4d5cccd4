// check
interface Golden {
  use(input: { name: string } & ({ file: string } | { url: string; depth?: number })): Promise<{ name: string } & ({ file: string } | { url: string; depth?: number })>;
}
declare const golden: Golden;
// compact
interface Golden {
  use(input: { name: string } & ({ file: string } | { url: string; depth?: number })): Promise<{ name: string } & ({ file: string } | { url: string; depth?: number })>;
}
declare const golden: Golden;
// full
interface Golden {
  use(input: {
    name: string;
  } & ({
    file: string;
  } | {
    /** @format uri */
    url: string;
    /** @integer */
    depth?: number;
  })): Promise<{
    name: string;
  } & ({
    file: string;
  } | {
    /** @format uri */
    url: string;
    /** @integer */
    depth?: number;
  })>;
}
declare const golden: Golden;
