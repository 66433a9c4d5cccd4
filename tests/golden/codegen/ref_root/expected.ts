// check
interface Golden {
  use(input?: { and?: Golden.Use[]; value?: string }): Promise<{ and?: Golden.Use[]; value?: string }>;
}
declare namespace Golden {
  type Use = { and?: Use[]; value?: string };
}
declare const golden: Golden;
// compact
interface Golden {
  use(input?: { and?: Golden.Use[]; value?: string }): Promise<{ and?: Golden.Use[]; value?: string }>;
}
declare namespace Golden {
  type Use = { and?: Use[]; value?: string };
}
declare const golden: Golden;
// full
interface Golden {
  use(input?: {
    and?: Golden.Use[];
    value?: string;
  }): Promise<{
    and?: Golden.Use[];
    value?: string;
  }>;
}
declare namespace Golden {
  type Use = {
    and?: Use[];
    value?: string;
  };
}
declare const golden: Golden;
