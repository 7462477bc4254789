// The typed plan: every default explicit, every reference resolved. The shape of the YAML is `generated/raw-plan.ts`.

import type { Json, Secret, SnapshotName, SourceSpan, StepId, TableRef } from '../kernel/index.ts';

export interface Plan {
  readonly name: string;
  readonly description: string | undefined;
  /** Path of the plan file, as given. */
  readonly path: string;
  /** SHA-256 over meaning: layout, comments and passwords do not count; variables and the bytes of SQL files do. */
  readonly digest: string;
  readonly targets: ReadonlyMap<string, Target>;
  readonly vars: Readonly<Record<string, string>>;
  readonly steps: readonly Step[];
  /** `undefined`: the default rollback. */
  readonly rollback: readonly Step[] | undefined;
  readonly finally: readonly Step[];
  readonly onFailure: OnFailure;
  readonly guards: Guards;
  readonly quiesce: Quiesce | undefined;
  /** Every value that came from `env` or `file` and every password: for redaction. */
  readonly secrets: readonly string[];
  /** Variables of the environment that bring a secret into it: for programs that do not ask for them. */
  readonly secretVariables: readonly string[];
}

export const MAIN_TARGET = 'main';

export interface Target {
  readonly name: string;
  readonly url: Secret;
  readonly at: SourceSpan;
}

export type OnFailure = 'rollback' | 'stop' | 'continue';

export interface Guards {
  readonly writers: 'warn' | 'refuse' | 'ignore' | undefined;
  readonly wide: readonly ('account' | 'cluster')[];
  readonly url: readonly string[];
}

export interface Quiesce {
  readonly lockUsers: readonly string[];
}

export interface RetryPolicy {
  /** Attempts in all, the first included. */
  readonly attempts: number;
  readonly delayMs: number;
  readonly on: readonly RetryCause[];
}

export type RetryCause = 'deadlock' | 'lock-wait' | 'connection' | 'timeout';

export interface StepCommon {
  readonly id: StepId;
  readonly at: SourceSpan;
  readonly description: string | undefined;
  readonly timeoutMs: number | undefined;
  readonly retry: RetryPolicy;
  readonly onFailure: OnFailure;
  readonly undo: readonly Step[];
  readonly inDoubt: 'rollback' | 'rerun' | 'ask';
  readonly target: string;
}

/** Names a snapshot from inside a plan: by the step that took it, or by its own name on the server. */
export type SnapshotRef =
  { readonly kind: 'step'; readonly step: StepId } | { readonly kind: 'named'; readonly name: SnapshotName };

/** What a snapshot covers. `url-database`: the database in the target's URL. */
export type PlanScope =
  | { readonly kind: 'url-database' }
  | { readonly kind: 'cluster' }
  | { readonly kind: 'account'; readonly account: string | undefined }
  | { readonly kind: 'databases'; readonly databases: readonly string[] }
  | { readonly kind: 'tables'; readonly tables: readonly PlanTable[] };

/** A table as written: without a database it belongs to the target URL's. */
export interface PlanTable {
  readonly database: string | undefined;
  readonly table: string;
}

export type Keep =
  | { readonly kind: 'until-proven' }
  | { readonly kind: 'always' }
  | { readonly kind: 'on-failure' }
  | { readonly kind: 'for'; readonly ms: number };

export interface SnapshotStep extends StepCommon {
  readonly kind: 'snapshot';
  readonly scope: PlanScope;
  readonly name: SnapshotName | undefined;
  readonly replace: boolean;
  readonly ifMissing: boolean;
  readonly keep: Keep;
  readonly lock: 'held' | 'brief' | 'none' | undefined;
  readonly maxStallMs: number;
  readonly maxCopyBytes: number;
}

export interface SqlSource {
  /** Path of the `.sql` file, relative to the plan, or undefined for inline text. */
  readonly path: string | undefined;
  readonly text: string;
  /** Where inline text stands in the plan. */
  readonly at: SourceSpan;
}

export interface SqlStep extends StepCommon {
  readonly kind: 'sql';
  readonly sources: readonly SqlSource[];
  readonly database: string | undefined;
  readonly params: readonly SqlParam[] | undefined;
  readonly transaction: 'auto' | 'yes' | 'no';
}

export type SqlParam = string | number | boolean | null;

export interface RunStep extends StepCommon {
  readonly kind: 'run';
  readonly command:
    { readonly kind: 'program'; readonly words: readonly string[] } | { readonly kind: 'shell'; readonly text: string };
  /** Relative to the plan's folder. */
  readonly cwd: string | undefined;
  readonly env: Readonly<Record<string, string>>;
  readonly isIdempotent: boolean;
}

export interface VerifyStep extends StepCommon {
  readonly kind: 'verify';
  readonly checks: readonly Check[];
}

export interface RestoreStep extends StepCommon {
  readonly kind: 'restore';
  readonly snapshot: SnapshotRef;
  readonly databases: readonly string[] | undefined;
  readonly tables: readonly PlanTable[] | undefined;
  readonly into: { readonly account: string; readonly admin: string; readonly password: Secret } | undefined;
}

export interface DropStep extends StepCommon {
  readonly kind: 'drop';
  readonly snapshot: SnapshotRef;
}

export type Step = SnapshotStep | SqlStep | RunStep | VerifyStep | RestoreStep | DropStep;
export type StepKind = Step['kind'];
export type StepOf<Kind extends StepKind> = Extract<Step, { readonly kind: Kind }>;

export const STEP_KINDS = [
  'snapshot',
  'sql',
  'run',
  'verify',
  'restore',
  'drop',
] as const satisfies readonly StepKind[];

interface CheckCommon {
  readonly at: SourceSpan;
  readonly severity: 'error' | 'warn';
  /** The snapshot step to compare with; undefined: the nearest earlier one that covers the table. */
  readonly since: StepId | undefined;
}

export type Check =
  | (CheckCommon & { readonly kind: 'rows'; readonly rules: readonly RowRule[] })
  | (CheckCommon & QueryCheck)
  | (CheckCommon & { readonly kind: 'unchanged'; readonly tables: readonly PlanTable[] })
  | (CheckCommon & {
      readonly kind: 'schema';
      readonly tables: readonly PlanTable[] | undefined;
      readonly except: readonly PlanTable[];
    })
  | (CheckCommon & { readonly kind: 'matches'; readonly snapshot: SnapshotRef });

/** `tables` may hold `*` in database and table; `undefined` means the whole scope. The most specific rule wins. */
export interface RowRule {
  readonly tables: PlanTable | undefined;
  readonly expect: RowExpectation;
  readonly severity: 'error' | 'warn';
  readonly since: StepId | undefined;
  readonly at: SourceSpan;
}

export type RowExpectation =
  | { readonly kind: 'same' }
  | { readonly kind: 'exactly'; readonly count: number }
  | { readonly kind: 'changed-by'; readonly min: number | undefined; readonly max: number | undefined }
  | { readonly kind: 'between'; readonly min: number | undefined; readonly max: number | undefined }
  | { readonly kind: 'no-less' }
  | { readonly kind: 'no-more' }
  | { readonly kind: 'new' }
  | { readonly kind: 'gone' }
  | { readonly kind: 'same-as'; readonly table: TableRef | PlanTable };

export interface QueryCheck {
  readonly kind: 'query';
  readonly name: string;
  readonly sql: string;
  readonly database: string | undefined;
  readonly params: readonly SqlParam[];
  readonly expect: QueryExpectation;
}

export type QueryExpectation =
  | { readonly kind: 'none' }
  | { readonly kind: 'some' }
  | { readonly kind: 'value'; readonly value: SqlParam }
  | { readonly kind: 'row'; readonly row: ExpectedRow }
  | { readonly kind: 'rows'; readonly rows: readonly ExpectedRow[]; readonly isOrdered: boolean }
  | { readonly kind: 'count'; readonly min: number | undefined; readonly max: number | undefined }
  | { readonly kind: 'same-as'; readonly step: StepId };

/** A row as a list in column order, or by column name. */
export type ExpectedRow = readonly SqlParam[] | Readonly<Record<string, SqlParam>>;

/** Extra facts that a digest or an event carries. */
export type PlanFacts = Readonly<Record<string, Json>>;
