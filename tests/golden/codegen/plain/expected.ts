// check
interface Golden {
  use(input: { title: string; count?: number; ratio?: number; done?: boolean; tags?: string[]; where?: { lat: number; lon: number } }): Promise<{ title: string; count?: number; ratio?: number; done?: boolean; tags?: string[]; where?: { lat: number; lon: number } }>;
}
declare const golden: Golden;
// compact
interface Golden {
  use(input: { title: string; count?: number; ratio?: number; done?: boolean; tags?: string[]; where?: { lat: number; lon: number } }): Promise<{ title: string; count?: number; ratio?: number; done?: boolean; tags?: string[]; where?: { lat: number; lon: number } }>;
}
declare const golden: Golden;
// full
interface Golden {
  use(input: {
    /** The title. */
    title: string;
    /**
     * @integer
     * @minimum 1
     * @maximum 100
     */
    count?: number;
    ratio?: number;
    done?: boolean;
    tags?: string[];
    where?: {
      lat: number;
      lon: number;
    };
  }): Promise<{
    /** The title. */
    title: string;
    /**
     * @integer
     * @minimum 1
     * @maximum 100
     */
    count?: number;
    ratio?: number;
    done?: boolean;
    tags?: string[];
    where?: {
      lat: number;
      lon: number;
    };
  }>;
}
declare const golden: Golden;
