// check
interface Golden {
  use(input?: { none?: []; few?: [] | [1] }): Promise<{ none?: []; few?: [] | [1] }>;
}
declare const golden: Golden;
// compact
interface Golden {
  use(input?: { none?: []; few?: [] | [1] }): Promise<{ none?: []; few?: [] | [1] }>;
}
declare const golden: Golden;
// full
interface Golden {
  use(input?: {
    none?: [];
    few?: [] | [1];
  }): Promise<{
    none?: [];
    few?: [] | [1];
  }>;
}
declare const golden: Golden;
