// check
interface Golden {
  use(input: { toString?: Function | string; constructor?: Function | number | null; valueOf?: any; __proto__?: number; hasOwnProperty: boolean; [key: string]: any }): Promise<{ toString?: Function | string; constructor?: Function | number | null; valueOf?: any; __proto__?: number; hasOwnProperty: boolean; [key: string]: any }>;
}
declare const golden: Golden;
// compact
interface Golden {
  use(input: { toString?: Function | string; constructor?: Function | number | null; valueOf?: any; __proto__?: number; hasOwnProperty: boolean; [key: string]: any }): Promise<{ toString?: Function | string; constructor?: Function | number | null; valueOf?: any; __proto__?: number; hasOwnProperty: boolean; [key: string]: any }>;
}
declare const golden: Golden;
// full
interface Golden {
  use(input: {
    toString?: Function | string;
    constructor?: Function | number | null;
    valueOf?: any;
    __proto__?: number;
    hasOwnProperty: boolean;
    [key: string]: any;
  }): Promise<{
    toString?: Function | string;
    constructor?: Function | number | null;
    valueOf?: any;
    __proto__?: number;
    hasOwnProperty: boolean;
    [key: string]: any;
  }>;
}
declare const golden: Golden;
