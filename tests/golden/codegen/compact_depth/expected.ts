// check
interface Golden {
  use(input?: { level6?: { level5?: { level4?: { level3?: { level2?: { level1?: { level0?: string } } } } } } }): Promise<{ level6?: { level5?: { level4?: { level3?: { level2?: { level1?: { level0?: string } } } } } } }>;
}
declare const golden: Golden;
// compact
interface Golden {
  use(input?: { level6?: { level5?: { level4?: { level3?: any } } } }): Promise<{ level6?: { level5?: { level4?: { level3?: any } } } }>;
}
declare const golden: Golden;
// full
interface Golden {
  use(input?: {
    level6?: {
      level5?: {
        level4?: {
          level3?: {
            level2?: {
              level1?: {
                level0?: string;
              };
            };
          };
        };
      };
    };
  }): Promise<{
    level6?: {
      level5?: {
        level4?: {
          level3?: {
            level2?: {
              level1?: {
                level0?: string;
              };
            };
          };
        };
      };
    };
  }>;
}
declare const golden: Golden;
