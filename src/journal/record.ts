// The vocabulary of facts about a run. Field names are in snake_case because they are on disk.

import type { FaultRecord, RunId, StepOutcome, Verdict } from '../kernel/index.ts';

/**
 * Names one action of a run, unique in its plan: `steps/migrate`, `undo/migrate/1`, `rollback/check`, `auto/restore`.
 */
export type ActionKey = string;

/** A server as a run met it. Every new connection must match it. */
export interface ServerFacts {
  readonly label: string;
  readonly host: string;
  readonly port: number;
  /** The server's own uuid, where it has one. */
  readonly server_uuid: string | undefined;
  /** The random id that snapback keeps in its catalog on that server; undefined until the catalog exists. */
  readonly catalog_id: string | undefined;
  readonly version: string;
  /** The database that the target's URL names, where it names one. */
  readonly database?: string | undefined;
}

export interface SessionFacts {
  readonly target: string;
  readonly connection_id: string;
  /** When that server process started, ISO 8601 UTC, to a second: a connection id means nothing after a restart. */
  readonly server_started_at: string;
  readonly user: string;
}

export interface LoginFacts {
  readonly target: string;
  readonly user: string;
  readonly host: string | null;
  readonly is: 'to-be-locked' | 'unlocked';
}

/** What the scope of a kept snapshot was like at the commit: a hash for each object. */
export interface ImprintFacts {
  readonly target: string;
  readonly snapshot: string;
  readonly objects: Readonly<Record<string, string>>;
}

/** One fact about a run. Written before it is believed, and never rewritten. */
export type JournalRecord =
  | {
      readonly kind: 'run-opened';
      readonly run: RunId;
      readonly plan_name: string;
      /** Absolute path of the plan file. */
      readonly plan_path: string;
      readonly plan_digest: string;
      readonly vars: Readonly<Record<string, string>>;
      readonly tool_version: string;
    }
  /** A process took the run up: written by every process that works on it, the first included. */
  | {
      readonly kind: 'process-attached';
      readonly pid: number;
      readonly host: string;
      readonly because: 'run' | 'resume' | 'rollback' | 'close';
    }
  | { readonly kind: 'server-met'; readonly target: string; readonly server: ServerFacts }
  | { readonly kind: 'session-opened'; readonly session: SessionFacts; readonly purpose: string }
  | {
      readonly kind: 'action-intended';
      readonly action: ActionKey;
      readonly attempt: number;
      /** Server's clock before the action, ISO 8601 UTC with microseconds where it has them. */
      readonly server_time?: string;
      /** The highest connection id on the server then: sessions above it were opened later. */
      readonly connection_id_floor?: string;
    }
  | {
      readonly kind: 'program-started';
      readonly action: ActionKey;
      readonly pid: number;
      /** Start time as the operating system tells it: a pid alone may have been given to another process. */
      readonly started_at: string;
    }
  | {
      readonly kind: 'statement-intended';
      readonly action: ActionKey;
      readonly index: number;
      /** Where it stands: `sql/add-currency.sql:12`, or `plan:31`. */
      readonly at: string;
      /** The first characters of its text, bounded. */
      readonly head: string;
      /** False inside a transaction, where the marker row decides and not this record. */
      readonly is_alone: boolean;
    }
  | {
      readonly kind: 'statement-settled';
      readonly action: ActionKey;
      readonly index: number;
      readonly rows_affected: number;
      readonly duration_ms: number;
    }
  | {
      readonly kind: 'action-settled';
      readonly action: ActionKey;
      readonly attempt: number;
      readonly outcome: StepOutcome;
      readonly duration_ms: number;
    }
  /** An attempt failed in a way that its retry policy covers; another intent follows. */
  | {
      readonly kind: 'attempt-failed';
      readonly action: ActionKey;
      readonly attempt: number;
      readonly fault: FaultRecord;
      readonly delay_ms: number;
    }
  | { readonly kind: 'settled-by-person'; readonly action: ActionKey; readonly as: 'done' | 'undone' }
  /** The sessions and programs of earlier processes of this run were ended and seen gone. */
  | { readonly kind: 'quiet-reached'; readonly sessions_ended: number; readonly programs_ended: number }
  /** A person asked for the way back: a `rollback` of a run that was open, or committed, or stopped, or stuck. */
  | { readonly kind: 'rollback-asked'; readonly because: string }
  | { readonly kind: 'interrupted'; readonly fault: FaultRecord }
  | {
      readonly kind: 'verdict-reached';
      readonly verdict: Verdict;
      readonly failed_action: ActionKey | undefined;
      /** What is true now, in one sentence. */
      readonly sentence: string;
    }
  | { readonly kind: 'run-closed'; readonly verdict: Verdict | 'closed'; readonly because: string | undefined }
  /**
   * `cut_at_byte`: a torn tail was cut there; what was lost may have been the intent of what comes next (J5).
   * `login`: written before the login is locked, and after it is unlocked. `imprint`: written before `committed`.
   */
  | {
      readonly kind: 'note';
      readonly text: string;
      readonly cut_at_byte?: number;
      readonly login?: LoginFacts;
      readonly imprint?: ImprintFacts;
      /** Who had the run in the server's record when this journal took it over from there. */
      readonly took_over?: string;
    };

/** A record as it stands in the file: dense sequence from 1, ISO time, hash chained to the previous record. */
export interface JournalEntry {
  readonly sequence: number;
  readonly time: string;
  readonly record: JournalRecord;
  readonly hash: string;
}
