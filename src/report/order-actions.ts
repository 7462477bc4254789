import type { ActionKey } from '../journal/index.ts';
import type { ActionFold } from './fold-action.ts';
import type { ActionReport, PlanShape, RunReport, ShapedAction } from './run-report.ts';
import { isWayBack, phaseOf, type ActionPhase } from './words.ts';

/**
 * Steps in the plan's order, the way back in the order in which it went, then what comes after the verdict.
 *
 * Of the actions that were not reached, those are left out that this run has no use for: the way back of a run that
 * never turned, and whatever a run that has ended did not need.
 */
export function orderActions(
  folds: ReadonlyMap<ActionKey, ActionFold>,
  shape: PlanShape,
  run: { readonly verdict: RunReport['verdict']; readonly isGoingBack: boolean },
): readonly ActionReport[] {
  const shaped = new Map(shape.map((action) => [action.action, action]));
  const reached = [...folds.values()].map((fold) => fold.report(shaped.get(fold.action)));
  const missing = shape.filter((action) => !folds.has(action.action) && isExpected(action, run)).map(notReached);

  const keys = new Set([...shape.map(({ action }) => action), ...folds.keys()]);
  const place = new Map([...keys].map((action, index) => [action, index]));
  const steps = [...reached, ...missing].filter(({ phase }) => phase === 'steps');
  steps.sort((a, b) => (place.get(a.action) ?? 0) - (place.get(b.action) ?? 0));
  const wayBack = [...reached, ...missing].filter(({ action }) => isWayBack(action));
  const after = [...reached, ...missing].filter(({ action, phase }) => phase !== 'steps' && !isWayBack(action));
  return [...steps, ...wayBack, ...after];
}

function isExpected(
  { action }: ShapedAction,
  { verdict, isGoingBack }: { readonly verdict: RunReport['verdict']; readonly isGoingBack: boolean },
): boolean {
  const phase: ActionPhase = phaseOf(action);
  if (phase === 'steps') return true;
  const hasEnded = verdict !== 'open' && verdict !== 'stuck';
  if (isWayBack(action)) return isGoingBack && !hasEnded;
  return phase === 'finally' && verdict !== 'stuck' && verdict !== 'closed';
}

function notReached({ action, kind, title, phase }: ShapedAction): ActionReport {
  return {
    action,
    title,
    kind,
    phase,
    state: 'not-reached',
    attempts: 0,
    started_at: null,
    ended_at: null,
    duration_ms: null,
    fault: null,
    effect: null,
    settled_by_person: null,
    failed_attempts: [],
    statements: [],
    evidence: null,
  };
}
