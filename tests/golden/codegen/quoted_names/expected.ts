// check
interface Golden {
  use(input: { "kebab-case": string; "System.Title"?: string; $top?: number; "{{user}}"?: string; class?: string; "1st"?: string; ""?: string; "it's \"quoted\"\n"?: string; __proto__: string; "日本"?: string }): Promise<{ "kebab-case": string; "System.Title"?: string; $top?: number; "{{user}}"?: string; class?: string; "1st"?: string; ""?: string; "it's \"quoted\"\n"?: string; __proto__: string; "日本"?: string }>;
}
declare const golden: Golden;
// compact
interface Golden {
  use(input: { "kebab-case": string; "System.Title"?: string; $top?: number; "{{user}}"?: string; class?: string; "1st"?: string; ""?: string; "it's \"quoted\"\n"?: string; __proto__: string; "日本"?: string }): Promise<{ "kebab-case": string; "System.Title"?: string; $top?: number; "{{user}}"?: string; class?: string; "1st"?: string; ""?: string; "it's \"quoted\"\n"?: string; __proto__: string; "日本"?: string }>;
}
declare const golden: Golden;
// full
interface Golden {
  use(input: {
    "kebab-case": string;
    "System.Title"?: string;
    /** @integer */
    $top?: number;
    "{{user}}"?: string;
    class?: string;
    "1st"?: string;
    ""?: string;
    "it's \"quoted\"\n"?: string;
    __proto__: string;
    "日本"?: string;
  }): Promise<{
    "kebab-case": string;
    "System.Title"?: string;
    /** @integer */
    $top?: number;
    "{{user}}"?: string;
    class?: string;
    "1st"?: string;
    ""?: string;
    "it's \"quoted\"\n"?: string;
    __proto__: string;
    "日本"?: string;
  }>;
}
declare const golden: Golden;
