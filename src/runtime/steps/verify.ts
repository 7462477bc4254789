import { Fault, type CheckResult } from '../../kernel/index.ts';
import { runChecks } from '../../verify/index.ts';
import { baselinesOf } from '../baselines.ts';
import { asFailure, failed, succeeded } from '../outcomes.ts';
import type { StepDriver } from '../step-driver.ts';

/** How many differing rows a failed check names. */
const SAMPLE_MAX = 50;

export const verifyDriver: StepDriver<'verify'> = {
  async execute(step, scope) {
    try {
      const { engine } = scope.target;
      const checks = await runChecks({
        checks: step.checks,
        engine,
        baselines: await baselinesOf(step, scope),
        urlDatabase: engine.address.database,
        effect: scope.effect,
        sampleMax: SAMPLE_MAX,
      });
      const evidence = { kind: 'verify', checks } as const;
      const failures = checks.filter(({ passed, severity }) => !passed && severity === 'error');
      return failures.length === 0 ? succeeded(evidence) : failed(faultOf(failures, checks.length), 'none', evidence);
    } catch (problem) {
      return asFailure(problem, 'none');
    }
  },

  probe: () => Promise.resolve({ kind: 'not-done', why: 'checks only read, and run again' }),
};

function faultOf(failures: readonly CheckResult[], count: number): Fault {
  const [first] = failures;
  const detail = first === undefined ? '' : `: ${first.subject}: expected ${first.expected}, found ${first.found}`;
  return new Fault('CHECK_FAILED', `${failures.length} of ${count} checks failed${detail}`);
}
