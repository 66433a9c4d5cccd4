// check
interface Golden {
  use(input?: { card?: string; address?: string }): Promise<{ card?: string; address?: string }>;
}
declare const golden: Golden;
// compact
interface Golden {
  use(input?: { card?: string; address?: string }): Promise<{ card?: string; address?: string }>;
}
declare const golden: Golden;
// full
interface Golden {
  /**
   * @input dependentRequired {"card":["address"]}, dependentSchemas {"card":{"properties":{"address":{"type":"string"}}}}
   * @output dependentRequired {"card":["address"]}, dependentSchemas {"card":{"properties":{"address":{"type":"string"}}}}
   */
  use(input?: {
    card?: string;
    address?: string;
  }): Promise<{
    card?: string;
    address?: string;
  }>;
}
declare const golden: Golden;
