import { Fault, type CheckResult } from '../../kernel/index.ts';
import { runChecks } from '../../verify/index.ts';
import { baselinesOf } from '../baselines.ts';
import { asFailure, failed, succeeded } from '../outcomes.ts';
import { notShown } from '../way-back.ts';
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
      if (failures.length > 0) return failed(faultOf(failures, checks.length), 'none', evidence);
      // On the way back it stands for the proof.
      const unseen = checks.flatMap(({ not_shown: parts = [] }) => parts);
      const isProof = scope.key.startsWith('rollback/') && unseen.length > 0;
      return isProof ? failed(notShown(unseen), 'none', evidence) : succeeded(evidence);
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
