// What an attempt at an action led to, as plain data: it goes to the journal, and every report is made from it.
// Field names are in snake_case because they are on disk and in `--json`.

import type { FaultCode } from './fault.ts';

/** How a run ended. A run without one is open. */
export type Verdict = 'committed' | 'rolled-back' | 'failed-clean' | 'stopped' | 'stuck';

/** The process exit code that goes with a verdict (design.md section 7). */
export const VERDICT_EXIT_CODES: Readonly<Record<Verdict, number>> = {
  committed: 0,
  'rolled-back': 4,
  'failed-clean': 4,
  stopped: 11,
  stuck: 5,
};

/** A failure as it stands in the journal. */
export interface FaultRecord {
  readonly code: FaultCode;
  readonly message: string;
  readonly hint: string;
}

export type StepOutcome =
  | { readonly kind: 'succeeded'; readonly evidence: Evidence }
  | {
      readonly kind: 'failed';
      readonly fault: FaultRecord;
      /** Whether the attempt changed anything: `none` is known, `unknown` means that only the server could tell. */
      readonly effect: 'none' | 'some' | 'unknown';
      readonly evidence?: Evidence;
    };

export type Evidence =
  | SnapshotEvidence
  | SqlEvidence
  | ProgramEvidence
  | VerifyEvidence
  | RestoreEvidence
  | ProofEvidence
  | DropEvidence
  | NothingEvidence;

export interface SnapshotEvidence {
  readonly kind: 'snapshot';
  readonly name: string;
  /** The scope in words: `shop`, `account acc1`, `shop.orders and 2 more tables`. */
  readonly scope: string;
  readonly databases: readonly string[];
  /** Server time of the moment that it shows, ISO 8601 in UTC. */
  readonly taken_at: string;
  /** Undefined where the server does not count tables, or rows, when it takes one. */
  readonly table_count?: number;
  readonly row_count?: number;
  /** True when `if_missing` found it there. */
  readonly is_reused?: boolean;
  /** What this engine cannot carry and says so. */
  readonly declared?: readonly string[];
}

export interface SqlEvidence {
  readonly kind: 'sql';
  readonly statement_count: number;
  readonly rows_affected: number;
  readonly is_transaction: boolean;
}

export interface ProgramEvidence {
  readonly kind: 'run';
  readonly exit_code: number | null;
  readonly signal: string | null;
  /** The last lines of stdout and stderr together, bounded, secrets replaced. */
  readonly output_tail: string;
}

export interface VerifyEvidence {
  readonly kind: 'verify';
  readonly checks: readonly CheckResult[];
}

export interface CheckResult {
  readonly check: 'rows' | 'query' | 'unchanged' | 'schema' | 'matches';
  /** What was looked at: `shop.orders`, or the name of a query. */
  readonly subject: string;
  readonly passed: boolean;
  readonly severity: 'error' | 'warn';
  /** In words: `the same 300,000 rows`. */
  readonly expected: string;
  readonly found: string;
  readonly differences?: readonly ObjectDifference[];
  readonly rows?: RowDifference;
  /** Parts of the scope that this login cannot look at. */
  readonly not_shown?: readonly string[];
}

/**
 * Rows that differ between a snapshot and now. `sample` is bounded; `is_exact` is false where counts are lower bounds.
 */
export interface RowDifference {
  readonly gone: number;
  readonly added: number;
  readonly changed: number;
  readonly is_exact: boolean;
  /** Keys as `column=value`, never other values. Empty for tables without a key. */
  readonly sample: readonly { readonly change: 'gone' | 'added' | 'changed'; readonly key: string }[];
}

export type ObjectKind =
  | 'database'
  | 'table'
  | 'view'
  | 'sequence'
  | 'trigger'
  | 'procedure'
  | 'function'
  | 'event'
  | 'package'
  | 'foreign-key'
  | 'grant'
  | 'account'
  | 'user'
  | 'role';

export interface ObjectDifference {
  readonly object: ObjectKind;
  /** `shop.orders`, `shop.tr_audit`. */
  readonly name: string;
  /** `missing`: in the snapshot only; `extra`: live only. */
  readonly what: 'missing' | 'extra' | 'definition' | 'rows' | 'auto-increment';
  /** Bounded text; a definition, a count, a fingerprint. */
  readonly expected?: string;
  readonly found?: string;
  /** Two definitions line by line, bounded: see `diffText`. */
  readonly diff?: readonly string[];
  readonly rows?: RowDifference;
}

export interface RestoreEvidence {
  readonly kind: 'restore';
  readonly snapshot: string;
  /** The new account that it went into; undefined for a restore in place. */
  readonly into?: string;
  readonly table_count: number;
  /** Tables that differed and were put back. */
  readonly restored: readonly string[];
  readonly row_count: number;
  /** Objects that the snapshot does not know and that were removed. */
  readonly removed: readonly string[];
  /** Everything that the restore was about to destroy, looked at before it did. */
  readonly destroyed: readonly ObjectDifference[];
  readonly declared?: readonly string[];
}

export interface ProofEvidence {
  readonly kind: 'proof';
  readonly snapshot: string;
  readonly is_equal: boolean;
  /** Where the reading stood: `under LOCK TABLES READ`, `in a snapshot taken after the restore`. */
  readonly moment: string;
  readonly tables: readonly ProvenTable[];
  /** How many objects of each other kind were compared: `{ view: 5, trigger: 3 }`. */
  readonly objects: Readonly<Partial<Record<ObjectKind, number>>>;
  readonly differences: readonly ObjectDifference[];
  /** What equality leaves out on this engine. */
  readonly left_out: readonly string[];
  /** Parts of the scope that this login cannot look at: nothing is known of them. */
  readonly not_shown?: readonly string[];
}

export interface ProvenTable {
  readonly table: string;
  readonly row_count: number;
  readonly fingerprint: string;
  readonly is_equal: boolean;
}

export interface DropEvidence {
  readonly kind: 'drop';
  readonly snapshots: readonly string[];
}

/** An action that had nothing to do, and why. */
export interface NothingEvidence {
  readonly kind: 'nothing';
  readonly why: string;
}
