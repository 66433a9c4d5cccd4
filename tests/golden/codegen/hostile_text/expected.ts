// check
interface Golden {
  use(input: { a?: string; b?: string; c?: string; d: "\"); process.exit(); (\"" | "\u2028" | "`${x}`" | "\\" | "*/"; e?: "*/"; f?: string; g?: string }): Promise<{ a?: string; b?: string; c?: string; d: "\"); process.exit(); (\"" | "\u2028" | "`${x}`" | "\\" | "*/"; e?: "*/"; f?: string; g?: string }>;
}
declare const golden: Golden;
// compact
interface Golden {
  use(input: { a?: string; b?: string; c?: string; d: "\"); process.exit(); (\"" | "\u2028" | "`${x}`" | "\\" | "*/"; e?: "*/"; f?: string; g?: string }): Promise<{ a?: string; b?: string; c?: string; d: "\"); process.exit(); (\"" | "\u2028" | "`${x}`" | "\\" | "*/"; e?: "*/"; f?: string; g?: string }>;
}
declare const golden: Golden;
// full
interface Golden {
  /**
   * @input *\/
   * @output *\/
   */
  use(input: {
    /**
     * ends *\/ here } declare const evil: any; /* and // more
     * @default "*\/ x"
     */
    a?: string;
    /** bidi and zero width [31m red line par */
    b?: string;
    /**
     * \@deprecated first
     * \@ts-ignore
     * /// <reference path="x" />
     *
     * last
     */
    c?: string;
    d: "\"); process.exit(); (\"" | "\u2028" | "`${x}`" | "\\" | "*/";
    /** *\/*\/ **\/ // */
    e?: "*/";
    /** @pattern ^.*\/$ */
    f?: string;
    /** tags hidden */
    g?: string;
  }): Promise<{
    /**
     * ends *\/ here } declare const evil: any; /* and // more
     * @default "*\/ x"
     */
    a?: string;
    /** bidi and zero width [31m red line par */
    b?: string;
    /**
     * \@deprecated first
     * \@ts-ignore
     * /// <reference path="x" />
     *
     * last
     */
    c?: string;
    d: "\"); process.exit(); (\"" | "\u2028" | "`${x}`" | "\\" | "*/";
    /** *\/*\/ **\/ // */
    e?: "*/";
    /** @pattern ^.*\/$ */
    f?: string;
    /** tags hidden */
    g?: string;
  }>;
}
declare const golden: Golden;
