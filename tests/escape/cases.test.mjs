// Each case of cases/, with and without machine code made at run time; after
// each a normal script runs.
import { after, before, describe, test } from "node:test";
import { allCases, judge } from "./lib/cases.mjs";
import { Target } from "./lib/escape.mjs";

for (const jit of ["on", "off"])
  for (const worker of ["plain", "hostile"])
    describe(`${worker} workers, jit ${jit}`, { concurrency: 4 }, () => {
      let target;
      before(async () => (target = await Target.start({ jit, worker })));
      after(() => target.close());

      for (const testCase of allCases().filter((each) => each.worker === worker))
        test(`${testCase.name}: ${testCase.tries}`, async () => {
          judge(testCase, await target.scripts.run(testCase.code));
          await target.stillWorks();
        });
    });
