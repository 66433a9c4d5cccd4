// check
interface Golden {
  use(input?: { headers?: { "x-id"?: number; host?: string; [key: `x-${string}`]: any }; files?: { [key: `${string}.json`]: { a?: number } }; hostile?: { [key: string]: any }; mixed?: { [key: `n_${string}`]: boolean; [key: string]: number | boolean }; exact?: { [key: string]: string } }): Promise<{ headers?: { "x-id"?: number; host?: string; [key: `x-${string}`]: any }; files?: { [key: `${string}.json`]: { a?: number } }; hostile?: { [key: string]: any }; mixed?: { [key: `n_${string}`]: boolean; [key: string]: number | boolean }; exact?: { [key: string]: string } }>;
}
declare const golden: Golden;
// compact
interface Golden {
  use(input?: { headers?: { "x-id"?: number; host?: string; [key: `x-${string}`]: any }; files?: { [key: `${string}.json`]: { a?: number } }; hostile?: { [key: string]: any }; mixed?: { [key: `n_${string}`]: boolean; [key: string]: number | boolean }; exact?: { [key: string]: string } }): Promise<{ headers?: { "x-id"?: number; host?: string; [key: `x-${string}`]: any }; files?: { [key: `${string}.json`]: { a?: number } }; hostile?: { [key: string]: any }; mixed?: { [key: `n_${string}`]: boolean; [key: string]: number | boolean }; exact?: { [key: string]: string } }>;
}
declare const golden: Golden;
// full
interface Golden {
  use(input?: {
    headers?: {
      "x-id"?: number;
      host?: string;
      [key: `x-${string}`]: any;
    };
    files?: {
      [key: `${string}.json`]: {
        a?: number;
      };
    };
    hostile?: { [key: string]: any };
    mixed?: {
      [key: `n_${string}`]: boolean;
      [key: string]: number | boolean;
    };
    exact?: { [key: string]: string };
  }): Promise<{
    headers?: {
      "x-id"?: number;
      host?: string;
      [key: `x-${string}`]: any;
    };
    files?: {
      [key: `${string}.json`]: {
        a?: number;
      };
    };
    hostile?: { [key: string]: any };
    mixed?: {
      [key: `n_${string}`]: boolean;
      [key: string]: number | boolean;
    };
    exact?: { [key: string]: string };
  }>;
}
declare const golden: Golden;
