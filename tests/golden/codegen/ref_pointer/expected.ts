// check
interface Golden {
  use(input?: { a?: { list?: { x?: string }[] }; b?: { x?: string }; "a/b~c"?: number; c?: number; d?: number; e?: string | null; f?: string }): Promise<{ a?: { list?: { x?: string }[] }; b?: { x?: string }; "a/b~c"?: number; c?: number; d?: number; e?: string | null; f?: string }>;
}
declare const golden: Golden;
// compact
interface Golden {
  use(input?: { a?: { list?: { x?: string }[] }; b?: { x?: string }; "a/b~c"?: number; c?: number; d?: number; e?: string | null; f?: string }): Promise<{ a?: { list?: { x?: string }[] }; b?: { x?: string }; "a/b~c"?: number; c?: number; d?: number; e?: string | null; f?: string }>;
}
declare const golden: Golden;
// full
interface Golden {
  use(input?: {
    a?: {
      list?: {
        x?: string;
      }[];
    };
    b?: {
      x?: string;
    };
    "a/b~c"?: number;
    c?: number;
    d?: number;
    e?: string | null;
    f?: string;
  }): Promise<{
    a?: {
      list?: {
        x?: string;
      }[];
    };
    b?: {
      x?: string;
    };
    "a/b~c"?: number;
    c?: number;
    d?: number;
    e?: string | null;
    f?: string;
  }>;
}
declare const golden: Golden;
