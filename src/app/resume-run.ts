import { openJournal, type Journal } from '../journal/index.ts';
import { Fault, redact, type Diagnostic } from '../kernel/index.ts';
import { isEffectful, type CompiledPlan } from '../compile/index.ts';
import { ownSnapshots } from '../runtime/index.ts';
import type { AppContext } from './context.ts';
import { isTypedPath, loadCompiled } from './load-compiled.ts';
import { letHear, workOnRun, type WorkResult } from './work-on-run.ts';
import { findRun } from './find-run.ts';
import { assertCanTakeBack } from './later-writes.ts';
import { typedContext } from './typed-command.ts';

export interface ResumeRequest {
  readonly run: string | undefined;
  readonly journalDirectory: string;
  /** A person's answers: `migrate=done`. */
  readonly settle: readonly { readonly step: string; readonly as: 'done' | 'undone' }[];
}

/**
 * Takes an open run up where its journal ends. A stuck one tries its restore and its proof again.
 *
 * @throws {Fault} RUN_UNKNOWN, RUN_NOT_OPEN, PLAN_CHANGED, JOURNAL_LOCKED, JOURNAL_CORRUPT, JOURNAL_VERSION.
 */
export async function resumeRun(request: ResumeRequest, context: AppContext): Promise<WorkResult> {
  return withRun(request.run, request.journalDirectory, context, async (journal, compiled) => {
    return resumeOn(compiled, journal, request.settle, typedContext(compiled, context));
  });
}

/**
 * The same, with its journal and its plan at hand.
 *
 * @throws {Fault} RUN_NOT_OPEN, PLAN_CHANGED, USAGE for an answer about a step that is not in doubt.
 */
export async function resumeOn(
  compiled: CompiledPlan,
  journal: Journal,
  settle: ResumeRequest['settle'],
  context: AppContext,
): Promise<WorkResult> {
  const { isClosed, verdict } = journal.state();
  assertSamePlan(compiled, journal);
  assertNotTakenOver(journal);
  if (isClosed && verdict !== 'stuck') {
    throw new Fault('RUN_NOT_OPEN', `run ${journal.run} has ended: ${verdict ?? 'closed by a person'}`);
  }
  for (const { step, as } of settle) {
    await journal.append({ kind: 'settled-by-person', action: actionInDoubt(journal, step), as });
  }
  if (isClosed) await journal.append({ kind: 'rollback-asked', because: 'a stuck run was resumed' });
  return workOnRun(compiled, journal, 'resume', context);
}

/**
 * Brings a run's data back, whatever state the run is in, and proves it.
 *
 * @throws {Fault} RUN_NOT_OPEN when it has been rolled back already, or has no snapshot left to go back to.
 */
export async function rollbackRun(
  request: {
    readonly run: string | undefined;
    readonly journalDirectory: string;
    readonly discardLaterWrites: boolean;
    /** For the journal; left out: a person asked for it. */
    readonly because?: string;
  },
  context: AppContext,
): Promise<WorkResult> {
  return withRun(request.run, request.journalDirectory, context, (journal, compiled) =>
    rollbackOn(compiled, journal, request, context),
  );
}

/**
 * The same, with its journal and its plan at hand.
 *
 * @throws {Fault} RUN_NOT_OPEN, PLAN_CHANGED, GUARD_REFUSED for a committed run that was written to since, without
 * consent.
 */
export async function rollbackOn(
  compiled: CompiledPlan,
  journal: Journal,
  request: { readonly discardLaterWrites: boolean; readonly because?: string },
  context: AppContext,
): Promise<WorkResult> {
  const { verdict, isClosed } = journal.state();
  assertSamePlan(compiled, journal);
  assertNotTakenOver(journal);
  const isBack = verdict === 'rolled-back' || verdict === 'failed-clean';
  if (isClosed && isBack) {
    throw new Fault('RUN_NOT_OPEN', `run ${journal.run} is ${verdict}: there is nothing to take back`);
  }
  if (verdict === 'committed' && !hasKeptSnapshot(compiled, journal)) {
    throw new Fault('RUN_NOT_OPEN', `run ${journal.run} was committed and has no snapshot to go back to`, {
      hint: 'Write `keep: 24h` on the snapshot step of plans that you may want to take back after they committed.',
    });
  }
  if (verdict === 'committed' && isFirstSnapshotGone(compiled, journal)) {
    throw new Fault('RUN_NOT_OPEN', `run ${journal.run} was committed and its first snapshot was dropped then`, {
      hint: 'What it kept shows the data as they were part-way: `snapback snapshot restore` brings that back by name.',
    });
  }
  if (verdict === 'committed') await assertCanTakeBack(compiled, journal, request.discardLaterWrites, context);
  // Back and proven, it only has to tidy up: the snapshot that a second restore would need may be gone by now.
  if (!isBack) await journal.append({ kind: 'rollback-asked', because: request.because ?? 'a person asked for it' });
  return workOnRun(compiled, journal, 'rollback', context);
}

async function withRun(
  wanted: string | undefined,
  directory: string,
  context: AppContext,
  work: (journal: Journal, compiled: CompiledPlan) => Promise<WorkResult>,
): Promise<WorkResult> {
  const run = await findRun(directory, wanted);
  let secrets: readonly string[] = [];
  const journal = await openJournal({ directory, run, clock: context.clock, redact: (text) => redact(text, secrets) });
  try {
    const compiled = await samePlan(journal, context);
    secrets = compiled.plan.secrets;
    letHear(compiled, journal, context);
    return await work(journal, compiled);
  } finally {
    await journal.close();
  }
}

async function samePlan(journal: Journal, context: AppContext): Promise<CompiledPlan> {
  const opened = journal.state().opened;
  const isTyped = isTypedPath(opened.plan_path);
  const { compiled, diagnostics } = await loadCompiled({
    path: opened.plan_path,
    env: context.env,
    vars: opened.vars,
    purpose: 'run',
  });
  if (isTyped && compiled?.plan.digest !== opened.plan_digest) {
    throw new Fault('PLAN_CHANGED', `run ${journal.run} was typed as \`snapback ${opened.plan_path.slice(1, -1)}\``, {
      hint:
        'Set DATABASE_URL to the login that it had (and SNAPBACK_NEW_ADMIN_PASSWORD, where it makes an account) and' +
        ' resume it again, or close it and type the command again.',
    });
  }
  if (compiled === undefined) {
    throw new Fault('PLAN_CHANGED', `${opened.plan_path} is no longer valid: ${firstError(diagnostics)}`);
  }
  assertSamePlan(compiled, journal);
  return compiled;
}

/** Plan, variables and the bytes of each SQL file: a journal means nothing to another one. */
function assertSamePlan(compiled: CompiledPlan, journal: Journal): void {
  if (compiled.plan.digest === journal.state().opened.plan_digest) return;
  throw new Fault(
    'PLAN_CHANGED',
    `${compiled.plan.path}, a variable or one of its SQL files is not what run ${journal.run} began with`,
  );
}

function firstError(diagnostics: readonly Diagnostic[]): string {
  return diagnostics.find(({ severity }) => severity === 'error')?.message ?? 'unknown reason';
}

function actionInDoubt(journal: Journal, step: string): string {
  const doubts = [...journal.state().inDoubt.keys()];
  const key = doubts.find((action) => action === `steps/${step}` || action.endsWith(`/${step}`));
  if (key !== undefined) return key;
  const known = doubts.length === 0 ? 'no step is in doubt' : `in doubt: ${doubts.join(', ')}`;
  throw new Fault('USAGE', `${step} is not in doubt in run ${journal.run} (${known})`);
}

/** One that was found there shows another moment: only a rollback that the plan spells out goes by it. */
function hasKeptSnapshot({ plan }: CompiledPlan, journal: Journal): boolean {
  return ownSnapshots(plan, journal.state()).some(({ isReused }) => !isReused || plan.rollback !== undefined);
}

/** Whether the plan had begun to change data before the first snapshot that is left was taken. */
function isFirstSnapshotGone({ plan }: CompiledPlan, journal: Journal): boolean {
  const { settled, intents, droppedSnapshots } = journal.state();
  const isTaken = (id: string): boolean => settled.get(`steps/${id}`)?.outcome.kind === 'succeeded';
  const isLeft = (id: string): boolean => {
    const outcome = settled.get(`steps/${id}`)?.outcome;
    if (outcome?.kind !== 'succeeded' || outcome.evidence.kind !== 'snapshot') return false;
    return outcome.evidence.is_reused !== true && !droppedSnapshots.has(outcome.evidence.name);
  };
  const first = plan.steps.findIndex(({ kind, id }) => kind === 'snapshot' && isLeft(id));
  const before = plan.steps.slice(0, Math.max(0, first));
  return (
    before.some(({ kind, id }) => kind === 'snapshot' && isTaken(id) && !isLeft(id)) &&
    before.some((step) => isEffectful(step) && intents.has(`steps/${step.id}`))
  );
}

/** What a person has taken over is not touched again. */
function assertNotTakenOver(journal: Journal): void {
  if (!journal.state().isClosedByPerson) return;
  throw new Fault('RUN_NOT_OPEN', `run ${journal.run} was closed by a person, who took over`);
}
