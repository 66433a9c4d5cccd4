// check
interface Golden {
  use(input?: any): Promise<any>;
}
declare const golden: Golden;
// compact
interface Golden {
  use(input?: any): Promise<any>;
}
declare const golden: Golden;
// full
interface Golden {
  /** @note its schema is too large to be typed in full */
  use(input?: any): Promise<any>;
}
declare const golden: Golden;
