// check
interface Golden {
  use(input?: { [key: string]: never }): Promise<{ [key: string]: never }>;
}
declare const golden: Golden;
// compact
interface Golden {
  use(): Promise<{ [key: string]: never }>;
}
declare const golden: Golden;
// full
interface Golden {
  use(input?: { [key: string]: never }): Promise<{ [key: string]: never }>;
}
declare const golden: Golden;
