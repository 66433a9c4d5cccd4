// check
interface Golden {
  use(input: { kind: "circle"; version?: 7.5; on?: true; nothing?: null; shape?: { a: 1; b: ["x"] } }): Promise<{ kind: "circle"; version?: 7.5; on?: true; nothing?: null; shape?: { a: 1; b: ["x"] } }>;
}
declare const golden: Golden;
// compact
interface Golden {
  use(input: { kind: "circle"; version?: 7.5; on?: true; nothing?: null; shape?: { a: 1; b: ["x"] } }): Promise<{ kind: "circle"; version?: 7.5; on?: true; nothing?: null; shape?: { a: 1; b: ["x"] } }>;
}
declare const golden: Golden;
// full
interface Golden {
  use(input: {
    kind: "circle";
    version?: 7.5;
    on?: true;
    nothing?: null;
    shape?: {
      a: 1;
      b: ["x"];
    };
  }): Promise<{
    kind: "circle";
    version?: 7.5;
    on?: true;
    nothing?: null;
    shape?: {
      a: 1;
      b: ["x"];
    };
  }>;
}
declare const golden: Golden;
