// Each case of cases/, with and without machine code made at run time; after
// each a normal script runs.
import { after, before, describe, test } from "node:test";
import { allCases, judge } from "./lib/cases.mjs";
import { Target } from "./lib/escape.mjs";

for (const jit of ["on", "off"])
  for (const worker of ["plain", "hostile"])
    describe(`${worker} workers, jit ${jit}`, { concurrency: 4 }, () => {
      // Little time for the cases that use it up; for the others so much that they never do.
      let hurried, patient;
      before(async () => {
        hurried = await Target.start({ jit, worker });
        patient = await Target.start({ jit, worker, settings: { limits: { ...Target.limits, cpu: "60s", wall: "120s" } } });
      });
      after(() => Promise.all([hurried.close(), patient.close()]));

      for (const testCase of allCases().filter((each) => each.worker === worker))
        test(`${testCase.name}: ${testCase.tries}`, async () => {
          const target = testCase.endsByTime ? hurried : patient;
          judge(testCase, await target.scripts.run(testCase.code));
          await target.stillWorks();
        });
    });
