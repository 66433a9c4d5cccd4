// check
interface Golden {
  use(input?: { tags?: string[]; n?: number; m?: { [key: string]: string }; d?: { a?: any; b?: any }; u?: string | number; t?: number; pair?: [number?, number?, ...any[]]; both?: string; choice?: { id: number } | { name: string }; sizes?: number[][]; map?: { [key: string]: string }; shown?: string; except?: number; linked?: string }): Promise<{ tags?: string[]; n?: number; m?: { [key: string]: string }; d?: { a?: any; b?: any }; u?: string | number; t?: number; pair?: [number, number, ...any[]]; both?: string; choice?: { id: number } | { name: string }; sizes?: number[][]; map?: { [key: string]: string }; shown?: string; except?: number; linked?: string }>;
}
declare const golden: Golden;
// compact
interface Golden {
  use(input?: { tags?: string[]; n?: number; m?: { [key: string]: string }; d?: { a?: any; b?: any }; u?: string | number; t?: number; pair?: [number?, number?, ...any[]]; both?: string; choice?: { id: number } | { name: string }; sizes?: number[][]; map?: { [key: string]: string }; shown?: string; except?: number; linked?: string }): Promise<{ tags?: string[]; n?: number; m?: { [key: string]: string }; d?: { a?: any; b?: any }; u?: string | number; t?: number; pair?: [number, number, ...any[]]; both?: string; choice?: { id: number } | { name: string }; sizes?: number[][]; map?: { [key: string]: string }; shown?: string; except?: number; linked?: string }>;
}
declare const golden: Golden;
// full
interface Golden {
  /**
   * @input minProperties 2, if {"required":["n"]}, then {"required":["m"]}
   * @output minProperties 2, if {"required":["n"]}, then {"required":["m"]}
   */
  use(input?: {
    /**
     * @contains {"const":"x"}
     * @minContains 1
     * @maxContains 2
     * @items one tag, pattern ^a, maxLength 10
     */
    tags?: string[];
    /** @not {"const":5} */
    n?: number;
    /**
     * @minProperties 1
     * @keys pattern ^x, maxLength 4
     * @keys matching ^[a-z]{2}$, values (maxLength 3)
     */
    m?: { [key: string]: string };
    /** @dependentRequired {"a":["b"]} */
    d?: {
      a?: any;
      b?: any;
    };
    /** @anyOf (format uri) (integer, minimum 3) */
    u?: string | number;
    /**
     * @unit ms
     * @unit s
     */
    t?: number;
    /**
     * @items[0] Longitude. unit degrees
     * @items[1] minimum -90
     */
    pair?: [number?, number?, ...any[]];
    /** @allOf (minLength 1) (maxLength 9) */
    both?: string;
    /** @oneOf (By number.) (By name.) */
    choice?: {
      /** @integer */
      id: number;
    } | {
      name: string;
    };
    /** @items items (integer, maximum 5) */
    sizes?: number[][];
    /** @values Where it is *\/ now. format uri */
    map?: { [key: string]: string };
    /**
     * @example "a"
     * @example "b"
     * @example "c"
     */
    shown?: string;
    /** @not {"multipleOf":3} */
    except?: number;
    /**
     * Of the input.
     * @maxLength 7
     */
    linked?: string;
  }): Promise<{
    /**
     * @contains {"const":"x"}
     * @minContains 1
     * @maxContains 2
     * @items one tag, pattern ^a, maxLength 10
     */
    tags?: string[];
    /** @not {"const":5} */
    n?: number;
    /**
     * @minProperties 1
     * @keys pattern ^x, maxLength 4
     * @keys matching ^[a-z]{2}$, values (maxLength 3)
     */
    m?: { [key: string]: string };
    /** @dependentRequired {"a":["b"]} */
    d?: {
      a?: any;
      b?: any;
    };
    /** @anyOf (format uri) (integer, minimum 3) */
    u?: string | number;
    /**
     * @unit ms
     * @unit s
     */
    t?: number;
    /**
     * @items[0] Longitude. unit degrees
     * @items[1] minimum -90
     */
    pair?: [number, number, ...any[]];
    /** @allOf (minLength 1) (maxLength 9) */
    both?: string;
    /** @oneOf (By number.) (By name.) */
    choice?: {
      /** @integer */
      id: number;
    } | {
      name: string;
    };
    /** @items items (integer, maximum 5) */
    sizes?: number[][];
    /** @values Where it is *\/ now. format uri */
    map?: { [key: string]: string };
    /**
     * @example "a"
     * @example "b"
     * @example "c"
     */
    shown?: string;
    /** @not {"multipleOf":3} */
    except?: number;
    /**
     * Of the input.
     * @maxLength 7
     */
    linked?: string;
  }>;
}
declare const golden: Golden;
