// check
interface Golden {
  use(input?: { target?: { id: number } | { path: string }; open?: { a?: string; [key: string]: any }; texts?: { [key: string]: string }; when?: { mode?: any; speed?: number } }): Promise<{ target?: { id: number } | { path: string }; open?: { a?: string; [key: string]: any }; texts?: { [key: string]: string }; when?: { mode?: any; speed?: number } }>;
}
declare const golden: Golden;
// compact
interface Golden {
  use(input?: { target?: { id: number } | { path: string }; open?: { a?: string }; texts?: { [key: string]: string }; when?: { mode?: any; speed?: number } }): Promise<{ target?: { id: number } | { path: string }; open?: { a?: string }; texts?: { [key: string]: string }; when?: { mode?: any; speed?: number } }>;
}
declare const golden: Golden;
// full
interface Golden {
  use(input?: {
    target?: {
      /** @integer */
      id: number;
    } | {
      path: string;
    };
    open?: {
      a?: string;
      [key: string]: any;
    };
    texts?: { [key: string]: string };
    /**
     * @if {"properties":{"mode":{"const":"fast"}},"required":["mode"]}
     * @then {"properties":{"speed":{"type":"number"}}}
     */
    when?: {
      mode?: any;
      speed?: number;
    };
  }): Promise<{
    target?: {
      /** @integer */
      id: number;
    } | {
      path: string;
    };
    open?: {
      a?: string;
      [key: string]: any;
    };
    texts?: { [key: string]: string };
    /**
     * @if {"properties":{"mode":{"const":"fast"}},"required":["mode"]}
     * @then {"properties":{"speed":{"type":"number"}}}
     */
    when?: {
      mode?: any;
      speed?: number;
    };
  }>;
}
declare const golden: Golden;
