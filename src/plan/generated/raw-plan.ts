// Made by `npm run generate` from schemas/plan.v1.schema.json. Change that file, not this one.

/**
 * For people; reports show it.
 */
export type Description = string;
/**
 * Text. A number or true/false is taken as it is written.
 */
export type Word = string | number | boolean;
/**
 * Names the step; unique in the whole plan. Left out: made from its kind and place, like `sql-2`.
 */
export type StepId = string;
/**
 * Takes a snapshot. With no scope: the database in the target's URL.
 */
export type Snapshot = {
  /**
   * Everything on the server (MatrixOne).
   */
  cluster?: true;
  /**
   * A MatrixOne account by name, or `true` for the one that logs in.
   */
  account?: string | boolean;
  databases?: Names;
  tables?: Tables;
  name?: SnapshotName;
  /**
   * Replaces a snapshot of that name; the new one is complete before the old one goes.
   */
  replace?: boolean;
  /**
   * Keeps a snapshot of that name if there is one.
   */
  if_missing?: boolean;
  /**
   * How long it stays: `always`, `on-failure`, or a duration. Left out: dropped at a proven verdict; `always` where it has a name.
   */
  keep?: string;
  /**
   * How long writers wait on MySQL and MariaDB: for the whole copy, for an instant, or not at all.
   */
  lock?: 'held' | 'brief' | 'none';
  max_stall?: Duration;
  max_copy?: Size;
} | null;
/**
 * A name, exactly as the server has it.
 */
export type Name = string;
/**
 * Names, exactly as the server has them.
 *
 * @minItems 1
 */
export type Names = Name[];
/**
 * `database.table`, or `table` in the URL's database. Put back-quotes around a name that holds a dot.
 */
export type Table = string;
/**
 * Tables.
 *
 * @minItems 1
 */
export type Tables = Table[];
/**
 * A name on the server: letters, digits, _, - and ., at most 64 characters; upper case is folded to lower.
 */
export type SnapshotName = string;
/**
 * A number and a unit: ms, s, m, h, d.
 */
export type Duration = string;
/**
 * A number and a unit: KiB, MiB, GiB, TiB (powers of 1024) or KB, MB, GB, TB (powers of 1000).
 */
export type Size = string;
/**
 * Runs statements: inline text, or an object with `file` or `text`.
 */
export type Sql =
  | string
  | {
      /**
       * A file, a list of files or a pattern with `*`, relative to the plan. Nothing is interpolated in it.
       */
      file?: string | string[];
      /**
       * The statements.
       */
      text?: string;
      database?: Name;
      /**
       * Values for the `?` of a single inline statement.
       */
      params?: Scalar[];
      /**
       * Whether the statements are one transaction. `auto`: if every one of them can be rolled back.
       */
      transaction?: 'auto' | 'yes' | 'no';
    };
/**
 * A single value.
 */
export type Scalar = string | number | boolean | null;
/**
 * Runs a program: a list (no shell), a string (shell), or an object with `command`.
 */
export type Run =
  | Word[]
  | string
  | {
      command: Command;
      /**
       * The folder it runs in, relative to the plan's.
       */
      cwd?: string;
      /**
       * Environment variables for it, besides DATABASE_URL and SNAPBACK_RUN.
       */
      env?: {
        [k: string]: Word;
      };
      /**
       * Running it twice is the same as running it once.
       */
      idempotent?: boolean;
    };
/**
 * A list runs a program without a shell; a string runs in a shell.
 */
export type Command = Word[] | string;
/**
 * Row counts: `same` for everything that the snapshot covers, or what to expect by table; `*` stands for any run of characters, and the most specific name wins.
 */
export type Rows =
  | string
  | {
      [k: string]: RowExpectation;
    };
/**
 * `same`, a number, "+3", "-2", `no less`, `no more`, `new`, `gone`, or an object.
 */
export type RowExpectation =
  | string
  | number
  | {
      /**
       * The short form, beside `severity` or `since`.
       */
      expect?: string | number;
      /**
       * At least so many rows.
       */
      min?: number;
      /**
       * At most so many rows.
       */
      max?: number;
      /**
       * How many rows more (or fewer, negative) than in the snapshot.
       */
      change?: {
        /**
         * The least change.
         */
        min?: number;
        /**
         * The greatest change.
         */
        max?: number;
      };
      same_as?: Table;
      severity?: Severity;
      since?: Since;
    };
/**
 * Whether a failed check fails the step, or is only reported.
 */
export type Severity = 'error' | 'warn';
/**
 * The snapshot step to compare with. Left out: the nearest earlier one that covers the table.
 */
export type Since = string;
/**
 * `none`, `some`, or one of value, row, rows, min and max, same_as.
 */
export type QueryExpectation =
  | string
  | {
      value?: Scalar;
      row?: Row;
      /**
       * All rows.
       */
      rows?: Row[];
      /**
       * Whether their order counts. Default false.
       */
      ordered?: boolean;
      /**
       * At least so many rows.
       */
      min?: number;
      /**
       * At most so many rows.
       */
      max?: number;
      same_as?: StepRef;
    };
/**
 * A row: values in column order, or by column name.
 */
export type Row =
  | Scalar[]
  | {
      [k: string]: Scalar;
    };
/**
 * The id of an earlier step.
 */
export type StepRef = string;
/**
 * Tables whose content must be what it is in the snapshot.
 */
export type Unchanged =
  | Table[]
  | {
      tables: TablePatterns;
      severity?: Severity;
      since?: Since;
    };
/**
 * Tables; `*` stands for any run of characters.
 *
 * @minItems 1
 */
export type TablePatterns = Table[];
/**
 * Definitions of every object that must be what they are in the snapshot: `same`, or narrowed.
 */
export type SchemaCheck =
  | string
  | {
      tables?: TablePatterns;
      except?: TablePatterns;
      severity?: Severity;
      since?: Since;
    };
/**
 * A snapshot to which everything in its scope must be equal: the proof that ends a rollback.
 */
export type Matches =
  | string
  | {
      snapshot?: StepRef;
      name?: SnapshotName;
      severity?: Severity;
    };
/**
 * The id of the step that took it, or `{ name: .. }` as it is called on the server.
 */
export type SnapshotRef =
  | string
  | {
      name: SnapshotName;
    };
/**
 * After a failure: put everything back (default), leave everything as it is, or note it and go on.
 */
export type OnFailure = 'rollback' | 'stop' | 'continue';
/**
 * Names a target.
 */
export type TargetName = string;

/**
 * A recovery plan of snapback: take a snapshot, change something, verify the data, and put it back if anything fails.
 */
export interface RawPlan {
  /**
   * The version of the plan language.
   */
  version: 1;
  /**
   * What reports call the plan. Left out: the name of its file.
   */
  name?: string;
  description?: Description;
  target?: Target;
  /**
   * Several logins, by name; a step says which with `target:`. Steps that say nothing use `main`.
   */
  targets?: {
    [k: string]: Target;
  };
  /**
   * Values for `${var:NAME}`; `--var NAME=VALUE` overrides them.
   */
  vars?: {
    [k: string]: Word;
  };
  /**
   * What to do, in order.
   *
   * @minItems 1
   */
  steps: Step[];
  /**
   * What to do after a failure, once the `undo` steps are done. Left out: restore the earliest snapshot of each thing and prove it.
   *
   * @minItems 1
   */
  rollback?: Step[];
  /**
   * What to do once at the end, however the run ends; not on an open or stuck run.
   *
   * @minItems 1
   */
  finally?: Step[];
  on_failure?: OnFailure;
  guards?: Guards;
  quiesce?: Quiesce;
}
/**
 * A login on a database server.
 */
export interface Target {
  /**
   * mysql://user:password@host:port/database?tls=verify. Parameters: tls, ca, cert, key, socket.
   */
  url: string;
}
/**
 * One step: exactly one of snapshot, sql, run, verify, restore, drop; every other key is common to all kinds.
 */
export interface Step {
  id?: StepId;
  description?: Description;
  snapshot?: Snapshot;
  sql?: Sql;
  run?: Run;
  verify?: Verify;
  restore?: Restore;
  drop?: Drop;
  timeout?: Duration;
  retry?: Retry;
  on_failure?: OnFailure;
  /**
   * Steps that take this one back; they run in a rollback before anything is restored.
   *
   * @minItems 1
   */
  undo?: Step[];
  /**
   * When a crash left it unknown whether the step happened: roll back (default), run it again, or ask a person.
   */
  in_doubt?: 'rollback' | 'rerun' | 'ask';
  target?: TargetName;
}
/**
 * Checks data; runs all checks and reports every one that fails.
 */
export interface Verify {
  rows?: Rows;
  /**
   * Queries and what they must give.
   *
   * @minItems 1
   */
  queries?: Query[];
  unchanged?: Unchanged;
  schema?: SchemaCheck;
  matches?: Matches;
  since?: Since;
  severity?: Severity;
}
/**
 * A query and what it must give.
 */
export interface Query {
  /**
   * What reports call it.
   */
  name?: string;
  /**
   * A single statement.
   */
  sql: string;
  /**
   * Values for its `?`.
   */
  params?: Scalar[];
  database?: Name;
  expect: QueryExpectation;
  severity?: Severity;
  since?: Since;
}
/**
 * Puts data back from a snapshot.
 */
export interface Restore {
  snapshot: SnapshotRef;
  databases?: Names;
  tables?: Tables;
  /**
   * Restores into a new MatrixOne account, which is created on the way.
   */
  into?: {
    /**
     * Its name.
     */
    account: string;
    /**
     * The name of its administrator.
     */
    admin: string;
    /**
     * The password of its administrator.
     */
    password: string;
  };
}
/**
 * Removes a snapshot.
 */
export interface Drop {
  snapshot: SnapshotRef;
}
/**
 * Tries again what is known not to have been applied.
 */
export interface Retry {
  /**
   * Attempts in all, the first included. Default 3.
   */
  attempts?: number;
  delay?: Duration;
  /**
   * Which failures. Default: deadlock and lock-wait.
   *
   * @minItems 1
   */
  on?: ('deadlock' | 'lock-wait' | 'connection' | 'timeout')[];
}
/**
 * What must be true before anything is changed.
 */
export interface Guards {
  /**
   * Other sessions that write. Left out: warn when a snapshot is taken, refuse before a restore.
   */
  writers?: 'warn' | 'refuse' | 'ignore';
  /**
   * Allows restores of a whole account or cluster.
   */
  wide?: ('account' | 'cluster')[];
  /**
   * Patterns; the target's host, or host:port/database, must match one of them. `*` stands for any run of characters.
   *
   * @minItems 1
   */
  url?: string[];
}
/**
 * Keeps writers away for the time of the run.
 */
export interface Quiesce {
  /**
   * Logins that are locked, and whose sessions are ended, until the verdict.
   *
   * @minItems 1
   */
  lock_users: string[];
}
