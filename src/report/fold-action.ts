// What the records of one action mean. `build-report.ts` makes the run of them, `live-terminal.ts` a line.

import type { FaultRecord, StepOutcome } from '../kernel/index.ts';
import type { ActionKey, JournalRecord } from '../journal/index.ts';
import type { ActionReport, ActionState, FailedAttemptReport, ShapedAction, StatementReport } from './run-report.ts';
import { phaseOf, titleOf } from './words.ts';

type ActionRecord = Extract<JournalRecord, { readonly action: ActionKey }>;

/** Whether a record is about one action. */
export function isAboutAction(record: JournalRecord): record is ActionRecord {
  return 'action' in record;
}

type MutableStatement = { -readonly [Key in keyof StatementReport]: StatementReport[Key] };

/** The state of one action, record by record. */
export class ActionFold {
  readonly action: ActionKey;
  #state: ActionState = 'not-reached';
  #attempts = 0;
  #startedAt: string | null = null;
  #endedAt: string | null = null;
  #durationMs: number | null = null;
  #outcome: StepOutcome | undefined;
  #lastFault: FaultRecord | null = null;
  #settledByPerson: 'done' | 'undone' | null = null;
  #hasProgram = false;
  readonly #failedAttempts: FailedAttemptReport[] = [];
  readonly #statements = new Map<number, MutableStatement>();

  constructor(action: ActionKey) {
    this.action = action;
  }

  get isOpen(): boolean {
    return this.#state === 'running' || this.#state === 'in-doubt';
  }

  add(record: ActionRecord, time: string): void {
    switch (record.kind) {
      case 'action-intended': {
        this.#begin(time, record.attempt);
        return;
      }
      case 'program-started':
        this.#hasProgram = true;
        return;
      case 'statement-intended': {
        this.#beginStatement(record, time);
        return;
      }
      case 'statement-settled': {
        this.#settleStatement(record);
        return;
      }
      case 'attempt-failed': {
        const { attempt, fault, delay_ms } = record;
        this.#failedAttempts.push({ attempt, time, fault, delay_ms });
        this.#lastFault = fault;
        this.#state = 'failed';
        this.#closeStatements('failed');
        return;
      }
      case 'action-settled': {
        this.#settle(record.outcome, time, record.duration_ms);
        return;
      }
      case 'settled-by-person':
        this.#settledByPerson = record.as;
        this.#state = record.as === 'done' ? 'succeeded' : 'not-reached';
        this.#endedAt = time;
        {
          this.#closeStatements(record.as === 'done' ? 'done' : 'failed');
          return;
        }
    }
  }

  /** The process that intended it is gone, or said that it stops: only the server knows the outcome. */
  doubt(): void {
    if (this.#state !== 'running') return;
    this.#state = 'in-doubt';
    this.#closeStatements('in-doubt');
    this.#turnUncommitted('in-doubt');
  }

  report(shape: ShapedAction | undefined): ActionReport {
    const outcome = this.#outcome;
    const failure = outcome?.kind === 'failed' ? outcome : undefined;
    return {
      action: this.action,
      title: shape?.title ?? titleOf(this.action),
      kind: shape?.kind ?? this.#kind(),
      phase: shape?.phase ?? phaseOf(this.action),
      state: this.#state,
      attempts: this.#attempts,
      started_at: this.#startedAt,
      ended_at: this.#endedAt,
      duration_ms: this.#durationMs,
      fault: failure?.fault ?? (this.#state === 'failed' ? this.#lastFault : null),
      effect: failure?.effect ?? null,
      settled_by_person: this.#settledByPerson,
      failed_attempts: [...this.#failedAttempts],
      statements: [...this.#statements.values()].map((statement) => ({ ...statement })),
      evidence: outcome?.evidence ?? null,
    };
  }

  #kind(): string | null {
    const [, auto] = this.action.split('/');
    if (phaseOf(this.action) === 'auto' && auto !== undefined) return auto;
    const kind = this.#outcome?.evidence?.kind;
    if (kind !== undefined && kind !== 'nothing') return kind;
    if (this.#hasProgram) return 'run';
    return this.#statements.size > 0 ? 'sql' : null;
  }

  #begin(time: string, attempt: number): void {
    this.#state = 'running';
    this.#attempts = Math.max(this.#attempts + 1, attempt);
    this.#startedAt ??= time;
    this.#endedAt = null;
    this.#durationMs = null;
    this.#outcome = undefined;
    this.#settledByPerson = null;
    // What an earlier attempt did inside its transaction went with that transaction.
    for (const [index, statement] of this.#statements) if (!statement.is_alone) this.#statements.delete(index);
  }

  #beginStatement(record: Extract<ActionRecord, { kind: 'statement-intended' }>, time: string): void {
    const { index, at, head, is_alone } = record;
    this.#statements.set(index, {
      index,
      at,
      head,
      is_alone,
      started_at: time,
      state: 'running',
      rows_affected: null,
      duration_ms: null,
    });
  }

  #settleStatement({ index, rows_affected, duration_ms }: Extract<ActionRecord, { kind: 'statement-settled' }>): void {
    const statement = this.#statements.get(index);
    if (statement !== undefined) Object.assign(statement, { state: 'done', rows_affected, duration_ms });
  }

  #settle(outcome: StepOutcome, time: string, durationMs: number): void {
    this.#outcome = outcome;
    this.#endedAt = time;
    this.#durationMs = durationMs;
    if (outcome.kind === 'failed') {
      this.#state = 'failed';
      this.#closeStatements(outcome.effect === 'unknown' ? 'in-doubt' : 'failed');
      if (outcome.effect !== 'some') this.#turnUncommitted(outcome.effect === 'none' ? 'undone' : 'in-doubt');
    } else {
      const isSkipped = outcome.evidence.kind === 'nothing' && this.#settledByPerson === null;
      this.#state = isSkipped ? 'skipped' : 'succeeded';
      this.#closeStatements('done');
    }
  }

  /** Statements of a transaction share its fate. */
  #turnUncommitted(state: 'undone' | 'in-doubt'): void {
    for (const statement of this.#statements.values()) {
      if (!statement.is_alone && statement.state === 'done') statement.state = state;
    }
  }

  #closeStatements(state: StatementReport['state']): void {
    for (const statement of this.#statements.values()) {
      if (statement.state === 'running' || statement.state === 'in-doubt') statement.state = state;
    }
  }
}
