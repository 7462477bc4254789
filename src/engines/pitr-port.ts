// Continuous recovery, where a server has it: statements and looks.

import type { ObjectDifference, TableRef } from '../kernel/index.ts';

export type PitrUnit = 'h' | 'd' | 'mo' | 'y';

/** How far a point-in-time recovery reaches back: 1 to 100 hours, days, months or years. */
export interface PitrRange {
  readonly length: number;
  readonly unit: PitrUnit;
}

/** What a point-in-time recovery is about; an account without a name is that of the login. */
export type PitrScope =
  | { readonly kind: 'cluster' }
  | { readonly kind: 'account'; readonly account: string | undefined }
  | { readonly kind: 'database'; readonly database: string }
  | { readonly kind: 'table'; readonly table: TableRef };

export interface PitrInfo extends PitrRange {
  readonly name: string;
  readonly level: string;
  /** Empty where the level has none. */
  readonly account: string;
  readonly database: string;
  readonly table: string;
  /** ISO 8601 UTC. */
  readonly createdAt: string;
  readonly modifiedAt: string;
}

export interface PitrRestore {
  readonly name: string;
  readonly scope: PitrScope;
  /** ISO 8601 UTC, whole seconds. */
  readonly time: string;
}

export interface PitrPreview {
  /** Everything in which the live data differ from that moment: what a restore takes away. */
  readonly differences: readonly ObjectDifference[];
  /** What this login cannot look at, and so neither preview nor prove: one sentence each. */
  readonly unseen: readonly string[];
}

/** Continuous recovery of a server that keeps the past by itself: statements to be run as any others, and looks. */
export interface Pitrs {
  list(signal: AbortSignal): Promise<readonly PitrInfo[]>;
  createStatement(name: string, scope: PitrScope, range: PitrRange): string;
  alterStatement(name: string, range: PitrRange): string;
  dropStatement(name: string): string;
  /** The one statement that goes back; all of it happens or nothing. */
  restoreStatement(request: PitrRestore, signal: AbortSignal): Promise<string>;
  /** @throws {Fault} SNAPSHOT_REFUSED with what a restore would lose, or would not do and answer OK. */
  refuseUnrestorable(request: PitrRestore, signal: AbortSignal): Promise<void>;
  /** Reads both sides. @throws {Fault} STATEMENT_FAILED where the server no longer has that moment. */
  compare(request: PitrRestore, signal: AbortSignal): Promise<PitrPreview>;
  /** Runs `work` and writes snapback's own record again, which goes back in time with its account. */
  keepingRecord<Value>(scope: PitrScope, signal: AbortSignal, work: () => Promise<Value>): Promise<Value>;
}
