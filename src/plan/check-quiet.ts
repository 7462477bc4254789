import type { Diagnostic, SourceSpan } from '../kernel/index.ts';
import type { NormalizedPlan } from './normalize-plan.ts';
import { problem } from './source-text.ts';
import type { Check, RowExpectation } from './types.ts';

const HELP =
  "lock their logins with `quiesce: { lock_users: [app@'%'] }`, or say what is to be done about them:" +
  ' `guards: { writers: warn | refuse | ignore }`';

/**
 * A warning where `same`, or an exact count, is asked of data that others may write meanwhile: one for the whole plan.
 */
export function checkQuiet({ steps, guards, quiesce }: NormalizedPlan): readonly Diagnostic[] {
  if (quiesce !== undefined || guards.writers !== undefined) return [];
  const [at] = steps.flatMap((step) => (step.kind === 'verify' ? step.checks.flatMap(exactPlaces) : []));
  if (at === undefined) return [];
  const message = 'what others write during the run fails this check';
  return [{ ...problem('OTHERS_MAY_WRITE', at, message, HELP), severity: 'warning' }];
}

function exactPlaces(check: Check): readonly SourceSpan[] {
  if (check.kind === 'unchanged') return check.severity === 'error' ? [check.at] : [];
  if (check.kind !== 'rows') return [];
  return check.rules.flatMap(({ expect, severity, at }) => (severity === 'error' && isExact(expect) ? [at] : []));
}

function isExact(expect: RowExpectation): boolean {
  if (expect.kind === 'changed-by') return expect.min === expect.max;
  return expect.kind === 'same' || expect.kind === 'exactly';
}
