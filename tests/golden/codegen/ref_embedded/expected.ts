// check
interface Golden {
  use(input?: { outer?: number; inner?: "small" | "large"; part?: { size?: "small" | "large" } }): Promise<{ outer?: number; inner?: "small" | "large"; part?: { size?: "small" | "large" } }>;
}
declare const golden: Golden;
// compact
interface Golden {
  use(input?: { outer?: number; inner?: "small" | "large"; part?: { size?: "small" | "large" } }): Promise<{ outer?: number; inner?: "small" | "large"; part?: { size?: "small" | "large" } }>;
}
declare const golden: Golden;
// full
interface Golden {
  use(input?: {
    outer?: number;
    inner?: "small" | "large";
    part?: {
      size?: "small" | "large";
    };
  }): Promise<{
    outer?: number;
    inner?: "small" | "large";
    part?: {
      size?: "small" | "large";
    };
  }>;
}
declare const golden: Golden;
