// check
interface Golden {
  use(input?: { s?: "asc" | "desc"; n?: 1 | 2.5 | -3; mixed?: "" | true | 1 | { a: [1] } | [1, "x"] | null; double?: "a"; empty?: string; list?: ("a" | "b")[]; broken?: 1 | 2 }): Promise<{ s?: "asc" | "desc"; n?: 1 | 2.5 | -3; mixed?: "" | true | 1 | { a: [1] } | [1, "x"] | null; double?: "a"; empty?: string; list?: ("a" | "b")[]; broken?: 1 | 2 }>;
}
declare const golden: Golden;
// compact
interface Golden {
  use(input?: { s?: "asc" | "desc"; n?: 1 | 2.5 | -3; mixed?: "" | true | 1 | { a: [1] } | [1, "x"] | null; double?: "a"; empty?: string; list?: ("a" | "b")[]; broken?: 1 | 2 }): Promise<{ s?: "asc" | "desc"; n?: 1 | 2.5 | -3; mixed?: "" | true | 1 | { a: [1] } | [1, "x"] | null; double?: "a"; empty?: string; list?: ("a" | "b")[]; broken?: 1 | 2 }>;
}
declare const golden: Golden;
// full
interface Golden {
  use(input?: {
    s?: "asc" | "desc";
    n?: 1 | 2.5 | -3;
    mixed?: "" | true | 1 | {
      a: [1];
    } | [1, "x"] | null;
    double?: "a";
    empty?: string;
    list?: ("a" | "b")[];
    broken?: 1 | 2;
  }): Promise<{
    s?: "asc" | "desc";
    n?: 1 | 2.5 | -3;
    mixed?: "" | true | 1 | {
      a: [1];
    } | [1, "x"] | null;
    double?: "a";
    empty?: string;
    list?: ("a" | "b")[];
    broken?: 1 | 2;
  }>;
}
declare const golden: Golden;
