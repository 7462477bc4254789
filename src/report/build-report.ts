// Run report
//
// Owns      what the records of a run mean to a reader: one structure that every format prints.
// Leaves    single actions to `fold-action.ts`, sentences to `tell-run.ts`, looks to the `render-*` files.
//
// Invariants
//   P1  Nothing is told that was not recorded: the same entries always give the same report.
//   P2  Every prefix of a journal has a report: a run that is open, or died, is told like any other.

import { FAULTS, invariant, VERDICT_EXIT_CODES, unreachable, type Verdict } from '../kernel/index.ts';
import type { ActionKey, JournalEntry, JournalRecord } from '../journal/index.ts';
import { ActionFold, isAboutAction } from './fold-action.ts';
import { orderActions } from './order-actions.ts';
import type {
  ActionReport,
  DestroyedReport,
  InterruptionReport,
  PlanShape,
  ProcessReport,
  QuietReport,
  RunReport,
  ServerReport,
  ShapedAction,
} from './run-report.ts';
import { nextCommands, openSentence, sentenceOf, promiseOf, type RunFacts } from './tell-run.ts';
import { isAfterVerdict, isWayBack } from './words.ts';

type VerdictRecord = Extract<JournalRecord, { readonly kind: 'verdict-reached' }>;
type ClosedRecord = Extract<JournalRecord, { readonly kind: 'run-closed' }>;
type OpenedRecord = Extract<JournalRecord, { readonly kind: 'run-opened' }>;

/**
 * Folds a journal to the structure that every format prints.
 *
 * With `shape`, actions that were not reached are in it too.
 *
 * @param entries begin with `run-opened`, as the reader of journals hands them out.
 */
export function buildReport(entries: readonly JournalEntry[], shape?: PlanShape): RunReport {
  const fold = new RunFold();
  for (const entry of entries) fold.add(entry);
  return fold.report(shape);
}

/** Takes entries one by one and can tell the run after each. */
export class RunFold {
  #opened: OpenedRecord | undefined;
  #verdict: VerdictRecord | undefined;
  #closed: ClosedRecord | undefined;
  #endedAt: string | null = null;
  #startedAt = '';
  #isStopped = false;
  #lastSettled: ActionKey | undefined;
  readonly #actions = new Map<ActionKey, ActionFold>();
  readonly #servers = new Map<string, ServerReport>();
  readonly #interruptions: InterruptionReport[] = [];
  readonly #rollbacksAsked: { time: string; because: string }[] = [];
  readonly #processes: ProcessReport[] = [];
  readonly #quiet: QuietReport[] = [];
  readonly #notes: { time: string; text: string }[] = [];
  #journal = { record_count: 0, last_time: '', last_hash: '' };

  add(entry: JournalEntry): void {
    const { record, time } = entry;
    this.#journal = { record_count: this.#journal.record_count + 1, last_time: time, last_hash: entry.hash };
    if (isAboutAction(record)) this.#addToAction(record, time);
    else this.#addToRun(record, time);
  }

  /** One action as it stands; undefined before its first record. */
  action(key: ActionKey, shape?: ShapedAction): ActionReport | undefined {
    return this.#actions.get(key)?.report(shape);
  }

  /** Every action that has a record, in the order of the first one. */
  actionKeys(): readonly ActionKey[] {
    return [...this.#actions.keys()];
  }

  /** Whether there is a run to tell. */
  get hasBegun(): boolean {
    return this.#opened !== undefined;
  }

  /** Actions that were intended and have no outcome. */
  openActions(): readonly ActionKey[] {
    return [...this.#actions.values()].filter(({ isOpen }) => isOpen).map(({ action }) => action);
  }

  report(shape: PlanShape = []): RunReport {
    const opened = this.#opened;
    invariant(opened !== undefined, 'a journal begins with run-opened');
    const verdict = this.#closed?.verdict ?? this.#verdict?.verdict ?? 'open';
    const actions = orderActions(this.#actions, shape, { verdict, isGoingBack: this.#isGoingBack() });
    const endedAt = verdict === 'open' ? null : this.#endedAt;
    const told: RunFacts = {
      run: opened.run,
      verdict,
      direction: verdict === 'open' ? this.#direction() : null,
      exit_code: this.#exitCode(verdict),
      actions,
      needs_person_at: this.#needsPersonAt(verdict, actions),
      interruption: this.#isStopped ? this.#interruptions.at(-1) : undefined,
      wasAsked: this.#isAskedFor(),
    };
    return {
      version: 1,
      run: opened.run,
      plan: { name: opened.plan_name, path: opened.plan_path, digest: opened.plan_digest, vars: opened.vars },
      tool_version: opened.tool_version,
      servers: [...this.#servers.values()],
      started_at: this.#startedAt,
      ended_at: endedAt,
      duration_ms: endedAt === null ? null : Math.max(0, Date.parse(endedAt) - Date.parse(this.#startedAt)),
      verdict,
      direction: told.direction,
      exit_code: told.exit_code,
      sentence: this.#sentence(verdict) ?? openSentence(told),
      promise: promiseOf(told),
      failed_action: this.#verdict?.failed_action ?? firstFailure(actions) ?? null,
      needs_person_at: told.needs_person_at,
      actions,
      destroyed: destroyedBy(actions),
      interruptions: [...this.#interruptions],
      rollbacks_asked: [...this.#rollbacksAsked],
      processes: [...this.#processes],
      quiet: [...this.#quiet],
      notes: [...this.#notes],
      closed_because: this.#closed?.because ?? null,
      next: nextCommands(told),
      journal: this.#journal,
    };
  }

  #addToAction(record: Extract<JournalRecord, { readonly action: ActionKey }>, time: string): void {
    // Work that could change the verdict means that somebody took the run up again.
    if (record.kind === 'action-intended' && !isAfterVerdict(record.action)) this.#reopen();
    const fold = this.#actions.get(record.action) ?? new ActionFold(record.action);
    this.#actions.set(record.action, fold);
    fold.add(record, time);
    if (record.kind === 'action-settled') this.#lastSettled = record.action;
    if (this.#verdict !== undefined) this.#endedAt = time;
  }

  #addToRun(record: Exclude<JournalRecord, { readonly action: ActionKey }>, time: string): void {
    switch (record.kind) {
      case 'run-opened':
        this.#opened = record;
        this.#startedAt = time;
        return;
      case 'process-attached': {
        const { pid, host, because } = record;
        this.#processes.push({ time, pid, host, because });
        this.#isStopped = false;
        this.#doubtOpen();
        return;
      }
      case 'server-met': {
        const { label, host, port, version, database } = record.server;
        const server = { target: record.target, label, host, port, version, database: database ?? null };
        this.#servers.set(record.target, server);
        return;
      }
      case 'session-opened':
        return;
      case 'quiet-reached': {
        const { sessions_ended, programs_ended } = record;
        this.#quiet.push({ time, sessions_ended, programs_ended });
        return;
      }
      case 'rollback-asked':
        this.#rollbacksAsked.push({ time, because: record.because });
        {
          this.#reopen();
          return;
        }
      case 'interrupted':
        this.#interruptions.push({ time, action: this.openActions().at(-1) ?? null, fault: record.fault });
        this.#isStopped = true;
        {
          this.#doubtOpen();
          return;
        }
      case 'verdict-reached':
        this.#verdict = record;
        this.#closed = undefined;
        this.#endedAt = time;
        return;
      case 'run-closed':
        this.#closed = record;
        this.#endedAt = time;
        return;
      case 'note':
        this.#notes.push({ time, text: record.text });
        return;
      default:
        return unreachable(record);
    }
  }

  #reopen(): void {
    this.#verdict = undefined;
    this.#closed = undefined;
    this.#endedAt = null;
  }

  #doubtOpen(): void {
    for (const fold of this.#actions.values()) fold.doubt();
  }

  #isGoingBack(): boolean {
    return this.#rollbacksAsked.length > 0 || [...this.#actions.keys()].some(isWayBack);
  }

  /** A failure that nothing followed may lead either way: its plan knows, the journal does not. */
  #direction(): 'forward' | 'back' | null {
    if (this.#isGoingBack()) return 'back';
    const last = [...this.#actions.keys()].at(-1);
    const hasJustFailed = last === this.#lastSettled && last !== undefined && this.action(last)?.state === 'failed';
    return hasJustFailed ? null : 'forward';
  }

  #sentence(verdict: RunReport['verdict']): string | undefined {
    if (this.#closed === undefined || verdict === this.#verdict?.verdict) return this.#verdict?.sentence;
    if (verdict !== 'closed') return 'Nothing was changed.'; // It never began; the interruption says why.
    const { because } = this.#closed;
    return sentenceOf(`Closed by a person${because === undefined ? '.' : `: ${because}`}`);
  }

  #exitCode(verdict: RunReport['verdict']): number | null {
    if (verdict === 'closed') return 0;
    const interruption = this.#isStopped ? this.#interruptions.at(-1) : undefined;
    if (verdict !== 'open') {
      if (verdict === 'rolled-back' && this.#isAskedFor()) return 0;
      // A run that was closed without a verdict never began: its process told why.
      const isNeverBegun = this.#verdict === undefined && interruption !== undefined;
      return isNeverBegun ? FAULTS[interruption.fault.code].exitCode : VERDICT_EXIT_CODES[verdict];
    }
    if (interruption === undefined) return null;
    const { exitCode } = FAULTS[interruption.fault.code];
    // These codes promise that nothing was touched, which nobody can promise of a run that has begun.
    const promising: readonly number[] = [FAULTS.SERVER_UNREACHABLE.exitCode, FAULTS.GUARD_REFUSED.exitCode];
    return promising.includes(exitCode) && this.#actions.size > 0 ? FAULTS.CONNECTION_LOST.exitCode : exitCode;
  }

  /** Whether the way back is what the last process was started for: a person who asks for it gets what was asked. */
  #isAskedFor(): boolean {
    return this.#processes.at(-1)?.because === 'rollback';
  }

  #needsPersonAt(verdict: Verdict | 'closed' | 'open', actions: readonly ActionReport[]): ActionKey | null {
    if (verdict === 'stuck') {
      return actions.findLast(({ action, state }) => state === 'failed' && isWayBack(action))?.action ?? null;
    }
    if (this.#exitCode(verdict) !== 7) return null;
    return actions.findLast(({ state }) => state === 'in-doubt')?.action ?? null;
  }
}

function firstFailure(actions: readonly ActionReport[]): ActionKey | undefined {
  return actions.find(({ state }) => state === 'failed')?.action;
}

function destroyedBy(actions: readonly ActionReport[]): readonly DestroyedReport[] {
  return actions.flatMap(({ action, evidence }) =>
    evidence?.kind === 'restore' ? evidence.destroyed.map((difference) => ({ action, ...difference })) : [],
  );
}
