// check
interface Golden {
  use(input: { value: Golden.Json }): Promise<{ value: Golden.Json }>;
}
declare namespace Golden {
  type Json = string | number | boolean | Json[] | { [key: string]: Json } | null;
}
declare const golden: Golden;
// compact
interface Golden {
  use(input: { value: Golden.Json }): Promise<{ value: Golden.Json }>;
}
declare namespace Golden {
  type Json = string | number | boolean | Json[] | { [key: string]: Json } | null;
}
declare const golden: Golden;
// full
interface Golden {
  use(input: {
    value: Golden.Json;
  }): Promise<{
    value: Golden.Json;
  }>;
}
declare namespace Golden {
  type Json = string | number | boolean | Json[] | {
    [key: string]: Json;
  } | null;
}
declare const golden: Golden;
