// The one structure that every format prints. Field names are in snake_case because it is printed as JSON.
// `schemas/report.v1.schema.json` describes it; fields are added, never renamed.

import type { Evidence, FaultRecord, ObjectDifference, Verdict } from '../kernel/index.ts';
import type { ActionKey, JournalRecord } from '../journal/index.ts';
import type { ActionPhase } from './words.ts';

export interface RunReport {
  readonly version: 1;
  readonly run: string;
  readonly plan: PlanReport;
  readonly tool_version: string;
  readonly servers: readonly ServerReport[];
  /** ISO 8601 UTC. */
  readonly started_at: string;
  /** Null while the run is open. */
  readonly ended_at: string | null;
  readonly duration_ms: number | null;
  /** `closed`: a person took over. */
  readonly verdict: Verdict | 'closed' | 'open';
  /** Which way `resume` goes; null where the journal does not say, and for a run that has ended. */
  readonly direction: 'forward' | 'back' | null;
  /** Null while no process has said. */
  readonly exit_code: number | null;
  /** What is true now. */
  readonly sentence: string;
  /** What the exit code promises about what the snapshot covers. */
  readonly promise: string;
  readonly failed_action: ActionKey | null;
  /** Where a person must look, in a run that is stuck or in doubt. */
  readonly needs_person_at: ActionKey | null;
  readonly actions: readonly ActionReport[];
  /** Everything that restores of this run destroyed, looked at before they did. */
  readonly destroyed: readonly DestroyedReport[];
  readonly interruptions: readonly InterruptionReport[];
  readonly rollbacks_asked: readonly { readonly time: string; readonly because: string }[];
  readonly processes: readonly ProcessReport[];
  readonly quiet: readonly QuietReport[];
  readonly notes: readonly { readonly time: string; readonly text: string }[];
  readonly closed_because: string | null;
  readonly next: readonly NextReport[];
  readonly journal: JournalReport;
}

export interface PlanReport {
  readonly name: string;
  readonly path: string;
  readonly digest: string;
  readonly vars: Readonly<Record<string, string>>;
}

export interface ServerReport {
  readonly target: string;
  readonly label: string;
  readonly host: string;
  readonly port: number;
  readonly version: string;
  readonly database: string | null;
}

/**
 * `skipped`: there was nothing to do. `running`: intended by the process that took the run up last.
 * `in-doubt`: intended, and the process stopped or another took over before an outcome was recorded.
 */
export type ActionState = 'succeeded' | 'failed' | 'skipped' | 'running' | 'in-doubt' | 'not-reached';

export interface ActionReport {
  readonly action: ActionKey;
  readonly title: string;
  /** The step's kind, or `restore`, `proof` and `release` for what snapback adds; null where nothing tells. */
  readonly kind: string | null;
  readonly phase: ActionPhase;
  readonly state: ActionState;
  readonly attempts: number;
  readonly started_at: string | null;
  readonly ended_at: string | null;
  /** As measured by the process that did it. */
  readonly duration_ms: number | null;
  readonly fault: FaultRecord | null;
  /** Of a failure: whether it changed anything. */
  readonly effect: 'none' | 'some' | 'unknown' | null;
  readonly settled_by_person: 'done' | 'undone' | null;
  readonly failed_attempts: readonly FailedAttemptReport[];
  readonly statements: readonly StatementReport[];
  readonly evidence: Evidence | null;
}

export interface FailedAttemptReport {
  readonly attempt: number;
  readonly time: string;
  readonly fault: FaultRecord;
  readonly delay_ms: number;
}

export interface StatementReport {
  readonly index: number;
  readonly at: string;
  readonly head: string;
  readonly is_alone: boolean;
  /** ISO 8601 UTC. */
  readonly started_at: string;
  /** `undone`: it worked, and went with its transaction. */
  readonly state: 'done' | 'undone' | 'failed' | 'running' | 'in-doubt';
  readonly rows_affected: number | null;
  readonly duration_ms: number | null;
}

export type DestroyedReport = ObjectDifference & { readonly action: ActionKey };

export interface InterruptionReport {
  readonly time: string;
  /** What was under way. */
  readonly action: ActionKey | null;
  readonly fault: FaultRecord;
}

export interface ProcessReport {
  readonly time: string;
  readonly pid: number;
  readonly host: string;
  readonly because: Extract<JournalRecord, { readonly kind: 'process-attached' }>['because'];
}

export interface QuietReport {
  readonly time: string;
  readonly sessions_ended: number;
  readonly programs_ended: number;
}

export interface NextReport {
  /** What it is for: `The whole story`, `Go on`. */
  readonly label: string;
  readonly command: string;
}

export interface JournalReport {
  readonly record_count: number;
  readonly last_time: string;
  readonly last_hash: string;
}

/** What a plan would do, in reading order, so that actions that were not reached can be shown. */
export type PlanShape = readonly ShapedAction[];

export interface ShapedAction {
  readonly action: ActionKey;
  readonly kind: string;
  readonly title: string;
  readonly phase: ActionPhase;
}
