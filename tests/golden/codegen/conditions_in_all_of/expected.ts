// check
interface Golden {
  use(input?: { mode?: string; x?: string | number; y?: boolean }): Promise<{ mode?: string; x?: string | number; y?: boolean }>;
}
declare const golden: Golden;
// compact
interface Golden {
  use(input?: { mode?: string; x?: string | number; y?: boolean }): Promise<{ mode?: string; x?: string | number; y?: boolean }>;
}
declare const golden: Golden;
// full
interface Golden {
  use(input?: {
    mode?: string;
    x?: string | number;
    y?: boolean;
  }): Promise<{
    mode?: string;
    x?: string | number;
    y?: boolean;
  }>;
}
declare const golden: Golden;
