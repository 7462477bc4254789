// A run that others carry out: its snapshot is taken, and what it protects is whatever happens until somebody says how
// that ended. Until then it is an open run like any other: its scope is closed to other runs, `resume` and `rollback`
// work on it, also from elsewhere.

import { Fault } from '../kernel/index.ts';
import type { AppContext } from './context.ts';
import { protectPlanText, type ProtectWishes } from './protect-plan.ts';
import { resumeRun, rollbackRun } from './resume-run.ts';
import { runTypedText } from './typed-command.ts';
import type { WorkResult } from './work-on-run.ts';

const STEP = 'job';

export interface GuardRequest {
  readonly wishes: Omit<ProtectWishes, 'command' | 'timeout' | 'names'>;
  readonly url: string;
  readonly journalDirectory: string;
}

/**
 * Takes the snapshot and leaves the run open. `isGuarding` is false when it could not be taken; the result says why.
 *
 * @throws {Fault} as `protect`
 */
export async function beginGuard(
  { wishes, ...typed }: GuardRequest,
  context: AppContext,
): Promise<{ readonly isGuarding: boolean; readonly result: WorkResult }> {
  const names = { plan: 'guard-job', step: STEP };
  const text = protectPlanText({ ...wishes, names, timeout: undefined, command: ['(the rest of the job)'] }, {});
  const begun = new AbortController();
  const guarding: AppContext = {
    ...context,
    signal: AbortSignal.any([context.signal, begun.signal]),
    onEntry: (entry) => {
      const { record } = entry;
      // What the step does, others do: it is left where it begins.
      const isBegun = record.kind === 'action-intended' && record.action === `steps/${STEP}`;
      if (isBegun) begun.abort(new Fault('INTERRUPTED', 'the rest of the job has begun, and its end decides'));
      context.onEntry(entry);
    },
  };
  const { result } = await runTypedText({ ...typed, command: 'guard', text }, guarding);
  return { isGuarding: begun.signal.aborted, result };
}

/** Ends a guard after a job that succeeded: the checks, and then the verdict. */
export function endGuard(request: { readonly run: string; readonly journalDirectory: string }, context: AppContext) {
  return resumeRun({ ...request, settle: [{ step: STEP, as: 'done' }] }, context);
}

/**
 * Takes an open run back, whatever it was. One whose verdict is in the journal keeps it, and is tidied up after. The
 * exit code is 0 when nothing is left to do.
 */
export async function takeBack(
  request: {
    readonly run: string;
    readonly journalDirectory: string;
    readonly because: string;
    readonly isDecided: boolean;
  },
  context: AppContext,
): Promise<WorkResult> {
  const result = request.isDecided
    ? await resumeRun({ ...request, settle: [] }, context)
    : await rollbackRun({ ...request, discardLaterWrites: false }, context);
  return { ...result, exitCode: isDone(result) ? 0 : result.exitCode };
}

function isDone({ verdict }: WorkResult): boolean {
  return verdict === 'rolled-back' || verdict === 'failed-clean' || verdict === 'committed';
}
