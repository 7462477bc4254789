import type { PlanOutcome } from './plan-test.ts';

interface Matched {
  readonly pass: boolean;
  readonly message: () => string;
}

/** For `expect.extend(planMatchers)`, in vitest and in jest. */
export const planMatchers = {
  /** The run ended as its plan intends. */
  toCommit(outcome: PlanOutcome): Matched {
    const pass = outcome.verdict === 'committed';
    return { pass, message: () => `expected the plan ${pass ? 'not ' : ''}to commit, and it ${told(outcome)}` };
  },
  /** That step failed, everything was put back, and that was proven. */
  toRollBackAt(outcome: PlanOutcome, step: string): Matched {
    const isBack = outcome.verdict === 'rolled-back' || outcome.verdict === 'failed-clean';
    const pass = isBack && outcome.failed?.step === step;
    const wanted = `expected the plan ${pass ? 'not ' : ''}to roll back at ${step}`;
    return { pass, message: () => `${wanted}, and it ${told(outcome)}` };
  },
};

function told({ verdict, failed, exitCode }: PlanOutcome): string {
  const end = `ended as ${verdict ?? 'an open run'} (exit ${exitCode})`;
  return failed === undefined ? end : `${end}: ${failed.step} failed: ${failed.message}`;
}
