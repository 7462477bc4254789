// The port to a database server: all that the rest of the program knows of one.
// Every implementation passes `test/conformance/engine-conformance.ts`, unchanged.

import type {
  LoginName,
  ObjectDifference,
  ProofEvidence,
  RestoreEvidence,
  RowDifference,
  RunId,
  Secret,
  SnapshotName,
  TableRef,
} from '../kernel/index.ts';
import type { Logins, Writers } from './others-port.ts';
import type { Pitrs } from './pitr-port.ts';
import type { RestorePreview, ScopePreview } from './preview-port.ts';
import type { ParamValue, QueryResult, Session, SessionIdentity } from './session-port.ts';

export type { Cell, ParamValue, QueryResult, Session, SessionIdentity } from './session-port.ts';

export type Flavour = 'mysql' | 'mariadb' | 'matrixone';

/** Questions with answers, so that nobody asks for a server's name. */
export interface Capabilities {
  /** The server takes snapshots itself. When false, they are copies inside the server. */
  readonly hasNativeSnapshots: boolean;
  /** DDL inside a transaction is undone by ROLLBACK. */
  readonly hasTransactionalDdl: boolean;
  /** Widest scope that one snapshot may cover. */
  readonly snapshotScopeMax: 'database' | 'account' | 'cluster';
  /** The data of a snapshot can be read with plain SELECTs under the live names (`same_as` queries). */
  readonly canQuerySnapshot: boolean;
  /** What equality between a snapshot and the live data leaves out, in words, for the report. */
  readonly equalityLeavesOut: readonly string[];
}

/** Who a server is. Two connections with equal identity talk to the same data. */
export interface ServerIdentity {
  readonly host: string;
  readonly port: number;
  /** The server's uuid, where it has one. */
  readonly serverUuid: string | undefined;
  /** The random id in snapback's own catalog; undefined while there is no catalog. */
  readonly catalogId: string | undefined;
}

/** What every call that acts on a server is given. */
export interface Effect {
  readonly run: RunId;
  readonly signal: AbortSignal;
  /** Progress of copying; called at most a few times a second. */
  readonly onProgress: (progress: Progress) => void;
  /**
   * Asks the server that this run still holds its scope locks. Call it right before each destructive statement.
   *
   * @throws {Fault} SCOPE_BUSY when it does not.
   */
  readonly assertLocked: () => Promise<void>;
}

export interface Progress {
  readonly what: string;
  readonly rowsDone: number;
  /** An estimate, or undefined. */
  readonly rowsTotal: number | undefined;
}

/** What a snapshot covers, every name resolved. Databases and tables are in a stable order, without repeats. */
export type Scope =
  | { readonly kind: 'cluster' }
  | { readonly kind: 'account'; readonly account: string }
  | { readonly kind: 'databases'; readonly databases: readonly string[] }
  | { readonly kind: 'tables'; readonly tables: readonly TableRef[] };

/** A part of a snapshot; `undefined` where the whole is meant. */
export interface ScopePart {
  readonly databases?: readonly string[];
  readonly tables?: readonly TableRef[];
}

export interface SnapshotSpec {
  readonly name: SnapshotName;
  readonly scope: Scope;
  /** MySQL family: how long writers wait. `undefined`: the engine's default. */
  readonly lock: 'held' | 'brief' | 'none' | undefined;
  /** Longest time that writers may be made to wait for, or that we wait for them, ms. */
  readonly maxStallMs: number;
  /** Refuses to copy more than so many bytes. */
  readonly maxCopyBytes: number;
  /**
   * Takes the place of a snapshot of this name, which goes only when the new one is complete; a `partial` one goes
   * first.
   */
  readonly replace: boolean;
  /** What could not be restored is declared, not refused: for a person who wants the snapshot all the same. */
  readonly mayLose?: boolean;
  /** How long it is wanted; `prune` lets it go afterwards. */
  readonly keepForMs?: number;
}

export interface SnapshotInfo {
  readonly name: SnapshotName;
  readonly scope: Scope;
  /** `partial`: found half-made or half-dropped; only `drop` may touch it. */
  readonly state: 'ready' | 'partial' | 'restoring';
  /** The run that made it, where snapback did. */
  readonly run: RunId | undefined;
  /** Server time of the moment that it shows, ISO 8601 UTC. */
  readonly takenAt: string;
  /** The account whose data it shows, where the server has accounts. */
  readonly account?: string;
  /** When it may go, ISO 8601 UTC, where a time was asked for and the server's record has it. */
  readonly keepUntil?: string;
  /** Undefined where nobody counted. */
  readonly tableCount: number | undefined;
  readonly rowCount: number | undefined;
  readonly byteCount: number | undefined;
  /** What the engine cannot carry and declares: one sentence each. */
  readonly declared: readonly string[];
}

/** A hash of definition and content for each object, `table shop.orders`: equal for an equal object. */
export type Imprint = Readonly<Record<string, string>>;

/** Snapshots on one server. Which statements that takes is the engine's own business. */
export interface SnapshotStore {
  /**
   * Takes a snapshot, complete or not at all: one left half-made by a crash is found as `partial` and never restored
   * from.
   *
   * @throws {Fault} SNAPSHOT_REFUSED with each object and reason, before anything is changed; SNAPSHOT_EXISTS;
   * LOCK_WAIT.
   */
  create(spec: SnapshotSpec, effect: Effect): Promise<SnapshotInfo>;
  find(name: SnapshotName, signal: AbortSignal): Promise<SnapshotInfo | undefined>;
  list(signal: AbortSignal): Promise<readonly SnapshotInfo[]>;
  /** Everything in which the live data differ from the snapshot: what a restore would destroy. Reads only. */
  compare(name: SnapshotName, part: ScopePart | undefined, effect: Effect): Promise<readonly ObjectDifference[]>;
  /**
   * Puts back what differs. Restoring twice is the same as restoring once, and a restore cut anywhere is finished by
   * the next.
   * May keep a lock that `prove` then uses; `close` of the engine lets it go.
   *
   * @throws {Fault} RESTORE_FAILED, SNAPSHOT_MISSING, SNAPSHOT_REFUSED (before the first change).
   */
  restore(name: SnapshotName, part: ScopePart | undefined, effect: Effect): Promise<RestoreEvidence>;
  /** Compares objects, definitions and content of the whole part, at one moment, and says so table by table. */
  prove(name: SnapshotName, part: ScopePart | undefined, effect: Effect): Promise<ProofEvidence>;
  /** What its scope is like now. Reads only, every row of it. */
  imprint(name: SnapshotName, effect: Effect): Promise<Imprint>;
  /** Dropping what is already gone succeeds. */
  drop(name: SnapshotName, effect: Effect): Promise<void>;
  /** Undefined where the server has no accounts. */
  readonly newAccounts?: NewAccounts;
}

/** An account that a restore creates, and the login of its administrator. */
export interface NewAccount {
  readonly account: string;
  readonly admin: string;
  readonly password: Secret;
}

export interface NewAccountPreview {
  /** The account whose snapshot it is; it stays as it is. */
  readonly source: string;
  readonly databases: readonly string[];
  readonly tableCount: number;
  /** How it is done and why so: one sentence. */
  readonly way: string;
  /** What the new account will not have, or will have otherwise: one sentence each. */
  readonly notCarried: readonly string[];
}

/** Restores of an account's snapshot into a new account, which is created on the way. */
export interface NewAccounts {
  /**
   * What `restore` would do. Reads only.
   *
   * @throws {Fault} SNAPSHOT_REFUSED when it cannot be done, or the name is taken.
   */
  preview(name: SnapshotName, wanted: NewAccount, effect: Effect): Promise<NewAccountPreview>;
  /**
   * Creates the account, fills it, compares it with the snapshot and logs in as its administrator. What fails goes away
   * again; what a crash left half made is replaced by the next try, if it was ours.
   *
   * @throws {Fault} SNAPSHOT_REFUSED before any change; SCOPE_BUSY while another process makes it; RESTORE_FAILED.
   */
  restore(name: SnapshotName, wanted: NewAccount, effect: Effect): Promise<RestoreEvidence>;
}

/** When to read: the live data, or what a snapshot holds. */
export type Moment = { readonly kind: 'now' } | { readonly kind: 'snapshot'; readonly name: SnapshotName };

/** How a table's content compares with what a snapshot holds. */
export type ContentComparison =
  | { readonly kind: 'equal' }
  | { readonly kind: 'different'; readonly rows: RowDifference }
  /** On that side there is no such table. */
  | { readonly kind: 'no-table'; readonly side: 'snapshot' | 'now' };

/** Reads for checks. Counts and fingerprints are computed in the server. */
export interface DataReader {
  /** Base tables of these databases at that moment, sorted; views and system tables left out. */
  tables(databases: readonly string[], at: Moment, signal: AbortSignal): Promise<readonly TableRef[]>;
  /** `undefined` when the table is not there. */
  countRows(table: TableRef, at: Moment, signal: AbortSignal): Promise<number | undefined>;
  /** Equal for equal content whatever the order; `undefined` when the table is not there. */
  fingerprint(table: TableRef, at: Moment, signal: AbortSignal): Promise<string | undefined>;
  /**
   * Whether the fingerprints are equal and, if not, which rows differ: at the price of little more than one pass over
   * either side.
   */
  compareContent(
    table: TableRef,
    since: SnapshotName,
    sampleMax: number,
    signal: AbortSignal,
  ): Promise<ContentComparison>;
  /** Which rows differ between the snapshot and now, the sample bounded by `sampleMax`. */
  differingRows(table: TableRef, since: SnapshotName, sampleMax: number, signal: AbortSignal): Promise<RowDifference>;
  /** Runs one reading statement, in `database` if given, and keeps at most `rowsMax` rows. */
  query(
    request: {
      readonly sql: string;
      readonly database: string | undefined;
      readonly params: readonly ParamValue[];
      readonly at: Moment;
      readonly rowsMax: number;
    },
    signal: AbortSignal,
  ): Promise<QueryResult>;
}

/** One row per run in the server's own record: it keeps others out after our process is gone. */
export interface RunRow {
  readonly run: RunId;
  readonly planName: string;
  readonly scope: Scope;
  readonly state: 'open' | 'stuck' | 'stopped' | 'committed' | 'rolled-back' | 'failed-clean' | 'closed';
  readonly snapshots: readonly SnapshotName[];
  /** `user@host pid 123`, for people. */
  readonly holder: string;
  readonly openedAt: string;
}

export interface RunRegistry {
  /**
   * Creates the catalog where it is missing and writes the row. Idempotent for the same run.
   *
   * @throws {Fault} SCOPE_BUSY when an open or stuck run covers any of the scope, naming run, holder and age.
   */
  open(row: Omit<RunRow, 'openedAt' | 'state' | 'snapshots'>, signal: AbortSignal): Promise<void>;
  addSnapshot(run: RunId, name: SnapshotName, signal: AbortSignal): Promise<void>;
  /** `holder`, where one is given, takes the place of who had the run: a person who closes it, and why. */
  setState(run: RunId, state: RunRow['state'], signal: AbortSignal, holder?: string): Promise<void>;
  /** Newest first; empty where there is no catalog. Never creates one. */
  list(signal: AbortSignal): Promise<readonly RunRow[]>;
}

/** A lock on a scope that dies with its holder. */
export interface ScopeLock {
  /** @throws {Fault} SCOPE_BUSY when the server no longer holds it for us. */
  assertHeld(): Promise<void>;
  release(): Promise<void>;
}

/** Proof that a transaction was committed: one row per run and action, written as the transaction's first statement. */
export interface Markers {
  /** Creates the table where it is missing: outside of any transaction. */
  prepare(signal: AbortSignal): Promise<void>;
  /**
   * Inserts the marker in the session's open transaction. Waits for an older transaction that holds the same marker.
   * `already-there`: that transaction was committed.
   */
  claim(session: Session, run: RunId, action: string, signal: AbortSignal): Promise<'claimed' | 'already-there'>;
  clear(run: RunId, signal: AbortSignal): Promise<void>;
}

export interface Statement {
  readonly text: string;
  /** Offset of its first character in the script, UTF-16 units. */
  readonly offset: number;
  /** 1-based line of it. */
  readonly line: number;
}

export interface EngineOptions {
  /** Called, and awaited, after a session is open and before its first statement that could change anything. */
  readonly onSessionOpened: (identity: SessionIdentity, purpose: string) => Promise<void>;
  /** Puts `/* snapback:<run> *\/` before statements, so that an orphan can be found. */
  readonly run: RunId | undefined;
}

/** Reads only: no statement that could change anything is sent, not even one that would be refused. */
export interface Previews {
  /** `name`: what the snapshot is called, for its statements. */
  scope(scope: Scope, name: string, signal: AbortSignal): Promise<ScopePreview>;
  restore(info: SnapshotInfo): RestorePreview;
}

export interface Engine {
  readonly flavour: Flavour;
  readonly version: string;
  /** For people: `MariaDB 10.11`, `MatrixOne 4.2.0`. */
  readonly label: string;
  readonly capabilities: Capabilities;
  /** The login as the URL gives it, never with the password. */
  readonly address: {
    readonly host: string;
    readonly port: number;
    readonly user: string;
    readonly database: string | undefined;
  };
  identity(signal: AbortSignal): Promise<ServerIdentity>;
  /** Server's clock, ISO 8601 UTC with microseconds. */
  serverTime(signal: AbortSignal): Promise<string>;
  /** Number of the newest connection on the server: sessions with higher numbers were opened later. */
  newestConnectionId(signal: AbortSignal): Promise<string>;
  /** A session for the user's own statements, with the server's defaults; `USE database` done where given. */
  openSession(purpose: string, database: string | undefined, signal: AbortSignal): Promise<Session>;
  /**
   * Checks names against the server: databases and tables that exist. @throws {Fault} UNKNOWN_DATABASE,
   * SNAPSHOT_REFUSED
   */
  checkScope(scope: Scope, signal: AbortSignal): Promise<void>;
  /** @throws {Fault} SCOPE_BUSY naming holder, host and age, when another holds any part of it. */
  lockScope(scope: Scope, holder: string, signal: AbortSignal): Promise<ScopeLock>;
  /**
   * Ends these sessions, and those of `user` with numbers above `connectionIdFloor`, and sees them gone.
   * Sessions of a server process that has ended since are gone already.
   *
   * @throws {Fault} NOT_QUIET when one is still there after `timeoutMs`.
   */
  quiet(
    request: {
      readonly sessions: readonly SessionIdentity[];
      readonly later?: { readonly user: string; readonly connectionIdFloor: string };
      /** Ends, too, whatever still runs a statement that carries this run's mark, as far as this login sees it. */
      readonly run?: RunId;
      /** Sessions of this process, which stay. */
      readonly spare: readonly string[];
      readonly timeoutMs: number;
    },
    signal: AbortSignal,
  ): Promise<{ readonly ended: number }>;
  /** Who else writes in the scope; `spare` are sessions that do not count, `except` logins whose sessions do not. */
  writers(
    request: { readonly scope: Scope; readonly spare: readonly string[]; readonly except: readonly LoginName[] },
    signal: AbortSignal,
  ): Promise<Writers>;
  readonly logins: Logins;
  /** Splits a script into statements; DELIMITER, comments and quotes are understood. */
  splitStatements(script: string): readonly Statement[];
  /**
   * True only if every statement can be undone by ROLLBACK: DML on transactional tables (and DDL where the engine
   * undoes it).
   */
  canRunInTransaction(
    statements: readonly Statement[],
    database: string | undefined,
    signal: AbortSignal,
  ): Promise<boolean>;
  readonly snapshots: SnapshotStore;
  readonly previews: Previews;
  /** Undefined where the server keeps no past of its own. */
  readonly pitrs?: Pitrs;
  readonly data: DataReader;
  readonly runs: RunRegistry;
  readonly markers: Markers;
  /** Connection ids of all sessions that this engine holds open. */
  openConnectionIds(): readonly string[];
  close(): Promise<void>;
}
