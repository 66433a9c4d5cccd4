// check
interface Golden {
  use(input: { transport: "stdio" | "http"; command?: string; url?: string }): Promise<{ transport: "stdio" | "http"; command?: string; url?: string }>;
}
declare const golden: Golden;
// compact
interface Golden {
  use(input: { transport: "stdio" | "http"; command?: string; url?: string }): Promise<{ transport: "stdio" | "http"; command?: string; url?: string }>;
}
declare const golden: Golden;
// full
interface Golden {
  use(input: {
    transport: "stdio" | "http";
    command?: string;
    url?: string;
  }): Promise<{
    transport: "stdio" | "http";
    command?: string;
    url?: string;
  }>;
}
declare const golden: Golden;
