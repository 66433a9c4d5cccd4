// check
interface Golden {
  use(input?: { free?: { [key: string]: any }; free_true?: { [key: string]: any }; record?: { [key: string]: number }; both?: { id: string; [key: string]: string }; differ?: { id: number; [key: string]: any }; optional?: { id?: string; [key: string]: string | undefined }; closed?: { [key: string]: never }; open?: { id?: string; [key: string]: any } }): Promise<{ free?: { [key: string]: any }; free_true?: { [key: string]: any }; record?: { [key: string]: number }; both?: { id: string; [key: string]: string }; differ?: { id: number; [key: string]: any }; optional?: { id?: string; [key: string]: string | undefined }; closed?: { [key: string]: never }; open?: { id?: string; [key: string]: any } }>;
}
declare const golden: Golden;
// compact
interface Golden {
  use(input?: { free?: { [key: string]: any }; free_true?: { [key: string]: any }; record?: { [key: string]: number }; both?: { id: string; [key: string]: string }; differ?: { id: number; [key: string]: any }; optional?: { id?: string; [key: string]: string | undefined }; closed?: { [key: string]: never }; open?: { id?: string } }): Promise<{ free?: { [key: string]: any }; free_true?: { [key: string]: any }; record?: { [key: string]: number }; both?: { id: string; [key: string]: string }; differ?: { id: number; [key: string]: any }; optional?: { id?: string; [key: string]: string | undefined }; closed?: { [key: string]: never }; open?: { id?: string } }>;
}
declare const golden: Golden;
// full
interface Golden {
  use(input?: {
    free?: { [key: string]: any };
    free_true?: { [key: string]: any };
    record?: { [key: string]: number };
    both?: {
      id: string;
      [key: string]: string;
    };
    differ?: {
      id: number;
      [key: string]: any;
    };
    optional?: {
      id?: string;
      [key: string]: string | undefined;
    };
    closed?: { [key: string]: never };
    open?: {
      id?: string;
      [key: string]: any;
    };
  }): Promise<{
    free?: { [key: string]: any };
    free_true?: { [key: string]: any };
    record?: { [key: string]: number };
    both?: {
      id: string;
      [key: string]: string;
    };
    differ?: {
      id: number;
      [key: string]: any;
    };
    optional?: {
      id?: string;
      [key: string]: string | undefined;
    };
    closed?: { [key: string]: never };
    open?: {
      id?: string;
      [key: string]: any;
    };
  }>;
}
declare const golden: Golden;
