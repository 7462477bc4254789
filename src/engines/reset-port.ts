// Putting one database back again and again: the port behind `baseline` of the testing door.

import type { RestoreEvidence, TableRef } from '../kernel/index.ts';
import type { Engine } from './port.ts';

/** `loose`: the next AUTO_INCREMENT value is left as it is, which saves more than half of the time. */
export type AutoIncrement = 'exact' | 'loose';

export interface ResetRequest {
  readonly database: string;
  /** Where the rows that come back are kept: a database of our own, which is replaced. */
  readonly copyDatabase: string;
  readonly autoIncrement: AutoIncrement;
  /** Puts everything back, definitions included: for what rows alone do not bring back. `tables`: only those. */
  readonly restoreAll: (signal: AbortSignal, tables?: readonly TableRef[]) => Promise<RestoreEvidence | undefined>;
  /** How long a reset waits for a lock that somebody holds, ms. */
  readonly lockWaitMs: number;
}

export interface ResetEvidence {
  /** `untouched`: nothing had been changed. `restored`: definitions had, so the snapshot was restored. */
  readonly kind: 'untouched' | 'rows' | 'restored';
  /** Tables that were looked into, by name; every table that was changed is among them. */
  readonly tables: readonly string[];
}

/** One database under a baseline. One reset at a time. */
export interface Resetting {
  /**
   * Puts back what was touched since the last reset. Nothing is written unless `assertHeld` resolves.
   *
   * @throws {Fault} NOT_QUIET while a transaction of somebody else is open on the database; LOCK_WAIT
   */
  reset(assertHeld: () => Promise<void>, signal: AbortSignal): Promise<ResetEvidence>;
  close(): Promise<void>;
}

export interface Resets {
  /** Whether `exact` is to be had. */
  readonly keepsAutoIncrement: boolean;
  /** Copies the rows as they are now, and begins to watch. @throws {Fault} as statements do */
  take(request: ResetRequest, signal: AbortSignal): Promise<Resetting>;
  /** Watches a database whose copy was taken earlier, by another process perhaps, and puts it back first. */
  reuse(request: ResetRequest, signal: AbortSignal): Promise<Resetting>;
  /**
   * Creates `to` as `from` is: tables, rows, keys, views, triggers, routines and events.
   *
   * @throws {Fault} SNAPSHOT_REFUSED for what cannot be carried to another name
   */
  clone(request: { readonly from: string; readonly to: string }, signal: AbortSignal): Promise<void>;
  /** Whether such a copy is there. */
  hasCopy(copyDatabase: string, signal: AbortSignal): Promise<boolean>;
  /** Whether a process died in the middle of a reset, at a place where rows alone do not bring all back. */
  isUnfinished(copyDatabase: string, signal: AbortSignal): Promise<boolean>;
  /** Reads everything. @throws {Fault} as statements do */
  read(database: string, signal: AbortSignal): Promise<DatabaseContent>;
}

export interface DatabaseContent {
  /** A text that is equal for equal definitions, whatever the rows. */
  readonly definitions: string;
  /** A text that is equal for equal rows in all tables. */
  readonly rows: string;
}

/** An engine, and the resets of its server. */
export interface ResettableServer {
  readonly engine: Engine;
  readonly resets: Resets;
  close(): Promise<void>;
}
