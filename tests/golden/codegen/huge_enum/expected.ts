// check
interface Golden {
  use(input?: { code?: string; n?: number }): Promise<{ code?: string; n?: number }>;
}
declare const golden: Golden;
// compact
interface Golden {
  use(input?: { code?: string; n?: number }): Promise<{ code?: string; n?: number }>;
}
declare const golden: Golden;
// full
interface Golden {
  use(input?: {
    code?: string;
    n?: number;
  }): Promise<{
    code?: string;
    n?: number;
  }>;
}
declare const golden: Golden;
