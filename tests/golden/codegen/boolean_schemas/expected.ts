// check
interface Golden {
  use(input: { yes: any; no?: never; list?: any[]; none?: never[]; negated?: never }): Promise<{ yes: any; no?: never; list?: any[]; none?: never[]; negated?: never }>;
}
declare const golden: Golden;
// compact
interface Golden {
  use(input: { yes: any; no?: never; list?: any[]; none?: never[]; negated?: never }): Promise<{ yes: any; no?: never; list?: any[]; none?: never[]; negated?: never }>;
}
declare const golden: Golden;
// full
interface Golden {
  use(input: {
    yes: any;
    no?: never;
    list?: any[];
    none?: never[];
    negated?: never;
  }): Promise<{
    yes: any;
    no?: never;
    list?: any[];
    none?: never[];
    negated?: never;
  }>;
}
declare const golden: Golden;
