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
  /**
   * @input if {"properties":{"transport":{"const":"stdio"}}}, then {"properties":{"command":{"type":"string"},"transport":{"const":"stdio"}},"required":["command"]}, else {"properties":{"url":{"type":"string"}},"required":["url"]}
   * @output if {"properties":{"transport":{"const":"stdio"}}}, then {"properties":{"command":{"type":"string"},"transport":{"const":"stdio"}},"required":["command"]}, else {"properties":{"url":{"type":"string"}},"required":["url"]}
   */
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
