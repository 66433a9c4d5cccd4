// check
interface Golden {
  use(input: { shape: { kind: "circle"; radius: number } | { kind: "square"; side: number }; shapes?: ({ kind: "a" } | { kind: "b" })[] }): Promise<{ shape: { kind: "circle"; radius: number } | { kind: "square"; side: number }; shapes?: ({ kind: "a" } | { kind: "b" })[] }>;
}
declare const golden: Golden;
// compact
interface Golden {
  use(input: { shape: { kind: "circle"; radius: number } | { kind: "square"; side: number }; shapes?: ({ kind: "a" } | { kind: "b" })[] }): Promise<{ shape: { kind: "circle"; radius: number } | { kind: "square"; side: number }; shapes?: ({ kind: "a" } | { kind: "b" })[] }>;
}
declare const golden: Golden;
// full
interface Golden {
  use(input: {
    shape: {
      kind: "circle";
      radius: number;
    } | {
      kind: "square";
      side: number;
    };
    shapes?: ({
      kind: "a";
    } | {
      kind: "b";
    })[];
  }): Promise<{
    shape: {
      kind: "circle";
      radius: number;
    } | {
      kind: "square";
      side: number;
    };
    shapes?: ({
      kind: "a";
    } | {
      kind: "b";
    })[];
  }>;
}
declare const golden: Golden;
