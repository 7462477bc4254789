import type { VerdictInput } from '../compile/index.ts';
import type { RunState } from '../journal/index.ts';
import type { Plan } from '../plan/index.ts';

const STAYS = 'Nothing more is touched; the snapshots stay.';

/** What is true now, in one sentence. It never says more than the journal shows. */
export function verdictSentence({ verdict, failedAction }: VerdictInput, plan: Plan, history: RunState): string {
  const step = (failedAction ?? '').split('/').slice(1).join('/');
  const { what, takenAt } = coverage(plan, history);
  switch (verdict) {
    case 'committed':
      return what === '' ? 'Done: every step succeeded.' : `Committed: ${what} is as the plan intends.`;
    case 'failed-clean':
      return `Failed at ${step} before anything was changed${what === '' ? '' : `: ${what} is as it was`}.`;
    case 'rolled-back':
      return what === '' ? 'Nothing had been changed.' : `Rolled back and proven: ${what} is as it was at ${takenAt}.`;
    case 'stopped':
      return `Stopped on purpose at ${step}: ${what === '' ? 'the data are' : `${what} is`} as that step left it.`;
    case 'stuck':
      return `Stuck: ${what === '' ? 'the data' : what} could not be proven to be as before. ${STAYS}`;
  }
}

function coverage(plan: Plan, history: RunState): { readonly what: string; readonly takenAt: string } {
  const taken = plan.steps.flatMap((step) => {
    const outcome = history.settled.get(`steps/${step.id}`)?.outcome;
    if (outcome?.kind !== 'succeeded' || outcome.evidence.kind !== 'snapshot') return [];
    const { evidence } = outcome;
    // Another run's snapshot is neither restored from nor proven by default, and one that was dropped is not either.
    return evidence.is_reused === true || history.droppedSnapshots.has(evidence.name) ? [] : [evidence];
  });
  return {
    what: [...new Set(taken.map(({ scope }) => scope))].join(' and '),
    takenAt: taken[0] === undefined ? '' : `${taken[0].taken_at.slice(11, 19)} UTC`,
  };
}
