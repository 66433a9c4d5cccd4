// check
interface Golden {
  use(input?: { [key: string]: any }): Promise<string[]>;
}
declare const golden: Golden;
// compact
interface Golden {
  use(input?: { [key: string]: any }): Promise<string[]>;
}
declare const golden: Golden;
// full
interface Golden {
  use(input?: { [key: string]: any }): Promise<string[]>;
}
declare const golden: Golden;
