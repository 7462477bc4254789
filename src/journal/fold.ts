// What a journal means. `resume`, `status` and every report read a run through this fold, one record at a time.

import { unreachable, type StepOutcome, type Verdict } from '../kernel/index.ts';
import type {
  ActionKey,
  ImprintFacts,
  JournalEntry,
  JournalRecord,
  LoginFacts,
  ServerFacts,
  SessionFacts,
} from './record.ts';

type RecordOf<Kind extends JournalRecord['kind']> = Extract<JournalRecord, { readonly kind: Kind }>;

export interface StatementState {
  /** How many statements of the action have ended well, from the first on. */
  readonly settledCount: number;
  /** The one that was sent alone and has no outcome. */
  readonly inDoubt: number | undefined;
  /** No record says that it was sent: one that may have said so was cut off with the tail. */
  readonly isSupposed: boolean;
  readonly isTransaction: boolean;
  readonly rowsAffected: number;
}

export interface RunState {
  readonly opened: RecordOf<'run-opened'>;
  readonly settled: ReadonlyMap<ActionKey, { readonly outcome: StepOutcome; readonly attempt: number }>;
  /** Intended and never settled: only the server knows. */
  readonly inDoubt: ReadonlyMap<ActionKey, { readonly attempt: number }>;
  /** The latest intent of every action that has one. */
  readonly intents: ReadonlyMap<ActionKey, RecordOf<'action-intended'>>;
  readonly hasIntents: boolean;
  readonly statements: ReadonlyMap<ActionKey, StatementState>;
  readonly settledByPerson: ReadonlyMap<ActionKey, 'done' | 'undone'>;
  readonly servers: ReadonlyMap<string, ServerFacts>;
  readonly sessions: readonly SessionFacts[];
  readonly programs: readonly RecordOf<'program-started'>[];
  /** Names of snapshots that this run dropped: they are gone, whatever is asked later. */
  readonly droppedSnapshots: ReadonlySet<string>;
  /** Logins that this run may hold locked, in the order in which it locked them. */
  readonly lockedLogins: readonly LoginFacts[];
  /** By the name of the snapshot: what its scope was like at the commit. */
  readonly imprints: ReadonlyMap<string, ImprintFacts>;
  /** The end of each holder's name that a server's record may give for this journal: `@host pid 123`. */
  readonly holders: readonly string[];
  readonly isRollbackAsked: boolean;
  readonly isClosedByPerson: boolean;
  /** A torn tail was cut and nothing has been intended since: the next action may have begun all the same (J5). */
  readonly isTailCut: boolean;
  readonly verdict: Verdict | undefined;
  readonly isClosed: boolean;
  readonly startedAt: string;
}

const NO_STATEMENT: StatementState = {
  settledCount: 0,
  inDoubt: undefined,
  isSupposed: false,
  isTransaction: false,
  rowsAffected: 0,
};

/** Folds records as they come, so that a live run need not read its journal again. */
export class RunFold {
  #opened: RecordOf<'run-opened'> | undefined;
  readonly #settled = new Map<ActionKey, { outcome: StepOutcome; attempt: number }>();
  readonly #inDoubt = new Map<ActionKey, { attempt: number }>();
  readonly #intents = new Map<ActionKey, RecordOf<'action-intended'>>();
  readonly #statements = new Map<ActionKey, StatementState>();
  readonly #byPerson = new Map<ActionKey, 'done' | 'undone'>();
  readonly #servers = new Map<string, ServerFacts>();
  readonly #sessions: SessionFacts[] = [];
  readonly #programs: RecordOf<'program-started'>[] = [];
  readonly #holders: string[] = [];
  readonly #dropped = new Set<string>();
  readonly #logins = new Map<string, LoginFacts>();
  readonly #imprints = new Map<string, ImprintFacts>();
  #isRollbackAsked = false;
  #isClosedByPerson = false;
  #isTailCut = false;
  #verdict: Verdict | undefined;
  #isClosed = false;
  #startedAt = '';

  add({ record, time }: JournalEntry): void {
    switch (record.kind) {
      case 'run-opened':
        this.#opened = record;
        this.#startedAt = time;
        return;
      case 'server-met':
        this.#servers.set(record.target, record.server);
        return;
      case 'session-opened':
        this.#sessions.push(record.session);
        return;
      case 'program-started':
        this.#programs.push(record);
        return;
      case 'settled-by-person':
        this.#answer(record);
        return;
      case 'rollback-asked':
        this.#turnBack();
        return;
      case 'verdict-reached':
        this.#verdict = record.verdict;
        return;
      case 'run-closed':
        this.#isClosed = true;
        this.#isClosedByPerson = record.verdict === 'closed';
        if (record.verdict !== 'closed') this.#verdict = record.verdict;
        return;
      case 'process-attached':
        this.#holders.push(`@${record.host} pid ${record.pid}`);
        return;
      case 'quiet-reached':
      case 'interrupted':
        return;
      case 'note':
        if (record.cut_at_byte !== undefined) this.#doubtTheNext();
        if (record.took_over !== undefined) this.#holders.push(record.took_over);
        if (record.login !== undefined) this.#rememberLogin(record.login);
        if (record.imprint !== undefined) this.#imprints.set(record.imprint.snapshot, record.imprint);
        return;
      default:
        this.#addAction(record);
    }
  }

  state(): RunState | undefined {
    if (this.#opened === undefined) return undefined;
    return {
      opened: this.#opened,
      settled: this.#settled,
      inDoubt: this.#inDoubt,
      intents: this.#intents,
      hasIntents: this.#intents.size > 0,
      statements: this.#statements,
      settledByPerson: this.#byPerson,
      servers: this.#servers,
      sessions: this.#sessions,
      programs: this.#programs,
      droppedSnapshots: this.#dropped,
      lockedLogins: [...this.#logins.values()],
      imprints: this.#imprints,
      holders: this.#holders,
      isRollbackAsked: this.#isRollbackAsked,
      isClosedByPerson: this.#isClosedByPerson,
      isTailCut: this.#isTailCut,
      verdict: this.#verdict,
      isClosed: this.#isClosed,
      startedAt: this.#startedAt,
    };
  }

  #rememberLogin(login: LoginFacts): void {
    const key = JSON.stringify([login.target, login.user, login.host]);
    if (login.is === 'to-be-locked') this.#logins.set(key, login);
    else this.#logins.delete(key);
  }

  #addAction(
    record: RecordOf<
      'action-intended' | 'action-settled' | 'attempt-failed' | 'statement-intended' | 'statement-settled'
    >,
  ) {
    const { action } = record;
    switch (record.kind) {
      case 'action-intended':
        this.#isTailCut = false;
        this.#byPerson.delete(action); // The answer was about the attempt before.
        // A transaction that is tried again begins with its first statement.
        if (this.#statements.get(action)?.isTransaction === true) this.#statements.delete(action);
        this.#intents.set(action, record);
        this.#inDoubt.set(action, { attempt: record.attempt });
        return;
      case 'action-settled':
        this.#inDoubt.delete(action);
        this.#settled.set(action, { outcome: record.outcome, attempt: record.attempt });
        if (record.outcome.kind === 'succeeded' && record.outcome.evidence.kind === 'drop') {
          for (const name of record.outcome.evidence.snapshots) this.#dropped.add(name);
        }
        return;
      case 'attempt-failed':
        this.#setStatement(action, { inDoubt: undefined });
        return;
      case 'statement-intended':
        if (record.is_alone) this.#setStatement(action, { inDoubt: record.index, isSupposed: false });
        else this.#statements.set(action, { ...NO_STATEMENT, isTransaction: true });
        return;
      case 'statement-settled':
        this.#settleStatement(action, record);
        return;
      default:
        unreachable(record);
    }
  }

  /** Where one statement is in doubt, the answer is about that statement; else it is about the whole action. */
  #answer({ action, as }: RecordOf<'settled-by-person'>): void {
    const index = this.#statements.get(action)?.inDoubt;
    if (index === undefined) this.#byPerson.set(action, as);
    else this.#setStatement(action, { inDoubt: undefined, ...(as === 'done' ? { settledCount: index + 1 } : {}) });
  }

  #setStatement(action: ActionKey, change: Partial<StatementState>): void {
    this.#statements.set(action, { ...NO_STATEMENT, ...this.#statements.get(action), ...change });
  }

  /** The lost record may have been an intent whose effect had begun: of an action, or of the next statement of one. */
  #doubtTheNext(): void {
    this.#isTailCut = true;
    for (const action of this.#inDoubt.keys()) {
      const statements = this.#statements.get(action);
      if (statements?.isTransaction === true || statements?.inDoubt !== undefined) continue;
      // A program has no statements that a record could tell of: it is in doubt as a whole.
      if (this.#intents.get(action)?.connection_id_floor !== undefined) continue;
      this.#setStatement(action, { inDoubt: statements?.settledCount ?? 0, isSupposed: true });
    }
  }

  /**
   * Inside a transaction nothing has ended before its COMMIT: the marker row tells, and this record only counts rows.
   */
  #settleStatement(action: ActionKey, { index, rows_affected: rows }: RecordOf<'statement-settled'>): void {
    const before = this.#statements.get(action);
    const rowsAffected = (before?.rowsAffected ?? 0) + rows;
    if (before?.isTransaction === true) this.#setStatement(action, { rowsAffected });
    else this.#setStatement(action, { inDoubt: undefined, settledCount: index + 1, rowsAffected });
  }

  /**
   * What the plan's steps did stays true, and so does an undo that succeeded and whatever is in doubt. The rest of an
   * earlier way back, its verdict and its ending begin anew.
   */
  #turnBack(): void {
    this.#isRollbackAsked = true;
    this.#isClosed = false;
    this.#verdict = undefined;
    for (const [key, { outcome }] of [...this.#settled]) {
      if (key.startsWith('steps/') || (key.startsWith('undo/') && outcome.kind === 'succeeded')) continue;
      this.#settled.delete(key);
      this.#statements.delete(key);
    }
    for (const key of [...this.#inDoubt.keys()]) if (key.startsWith('auto/')) this.#inDoubt.delete(key);
  }
}
