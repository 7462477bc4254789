import type { SourceSpan } from './diagnostic.ts';

export interface FaultEntry {
  /** What to do next, in one imperative sentence, naming the command to type where there is one. */
  readonly hint: string;
  /** Process exit code when the fault ends the process; scripts branch on it, so an entry never changes its number. */
  readonly exitCode: number;
  /** Whether the same call may be made again without asking the server first. */
  readonly repeat: 'safe' | 'ask-engine' | 'never';
}

/** Every operational fault there is. README's table and `--help` are printed from here. */
export const FAULTS = {
  USAGE: { exitCode: 2, repeat: 'never', hint: 'Run the command with --help for its options.' },
  PLAN_INVALID: { exitCode: 3, repeat: 'never', hint: 'Mend the plan, then run `snapback validate` on it.' },
  CHECK_FAILED: { exitCode: 4, repeat: 'safe', hint: 'The report lists expected and found of every check.' },
  STATEMENT_FAILED: {
    exitCode: 4,
    repeat: 'never',
    hint: 'Mend the statement; the server said what is wrong with it.',
  },
  DEADLOCK: { exitCode: 4, repeat: 'safe', hint: 'Add `retry: { attempts: 3, on: [deadlock] }` to the step.' },
  LOCK_WAIT: { exitCode: 4, repeat: 'safe', hint: 'End the writers that hold the tables, or run when it is quiet.' },
  PROGRAM_FAILED: { exitCode: 4, repeat: 'never', hint: 'The last lines of its output are in the report.' },
  TIMEOUT: {
    exitCode: 4,
    repeat: 'never',
    hint: 'Give the step a longer `timeout`, or find out why it takes so long.',
  },
  PRIVILEGE_MISSING: { exitCode: 4, repeat: 'never', hint: 'Grant the privilege that the message names.' },
  READ_ONLY_SERVER: { exitCode: 4, repeat: 'never', hint: 'Point the plan at the primary server.' },
  SNAPSHOT_REFUSED: {
    exitCode: 4,
    repeat: 'never',
    hint: 'Nothing was changed. Narrow the scope or change what the message names.',
  },
  SNAPSHOT_EXISTS: { exitCode: 4, repeat: 'never', hint: 'Use `replace: true`, `if_missing: true` or another name.' },
  SNAPSHOT_MISSING: {
    exitCode: 5,
    repeat: 'never',
    hint: 'Run `snapback snapshot show` to list what the server holds.',
  },
  RESTORE_FAILED: {
    exitCode: 5,
    repeat: 'safe',
    hint: 'Run `snapback resume`: it tries the restore and the proof again.',
  },
  PROOF_FAILED: {
    exitCode: 5,
    repeat: 'safe',
    hint: 'The report says what differs. `snapback resume` restores and proves again.',
  },
  CONNECTION_LOST: {
    exitCode: 6,
    repeat: 'ask-engine',
    hint: 'Run `snapback resume`; it asks the server what happened first.',
  },
  INTERRUPTED: { exitCode: 6, repeat: 'ask-engine', hint: 'Run `snapback resume`, or `snapback rollback` to go back.' },
  STEP_IN_DOUBT: {
    exitCode: 7,
    repeat: 'never',
    hint: 'Look by hand, then `snapback resume --settle STEP=done|undone`, or `snapback rollback`.',
  },
  NOT_QUIET: {
    exitCode: 7,
    repeat: 'safe',
    hint: 'End the session or process that the message names, then `snapback resume`.',
  },
  SCOPE_BUSY: {
    exitCode: 8,
    repeat: 'safe',
    hint: 'Wait for the other run, or end it with `snapback resume`, `rollback` or `close`.',
  },
  JOURNAL_LOCKED: { exitCode: 8, repeat: 'safe', hint: 'Wait for the other process that works on this run.' },
  SERVER_UNREACHABLE: { exitCode: 9, repeat: 'safe', hint: 'Check host, port and TLS; nothing was changed.' },
  LOGIN_REFUSED: {
    exitCode: 9,
    repeat: 'safe',
    hint: 'Check user, password and the host that the server sees; nothing was changed.',
  },
  UNKNOWN_DATABASE: { exitCode: 9, repeat: 'safe', hint: 'Check the database name in the URL; nothing was changed.' },
  JOURNAL_UNWRITABLE: {
    exitCode: 12,
    repeat: 'never',
    hint: 'Free space on the journal disk or make it writable, then `snapback resume`.',
  },
  JOURNAL_UNREADABLE: {
    exitCode: 12,
    repeat: 'never',
    hint: 'Check the path and its permissions, or give --journal-dir.',
  },
  JOURNAL_CORRUPT: {
    exitCode: 12,
    repeat: 'never',
    hint: 'Keep the file. `snapback rollback RUN --url URL` works from the server without it.',
  },
  JOURNAL_VERSION: { exitCode: 12, repeat: 'never', hint: 'Use the version that wrote it, or a newer one.' },
  GUARD_REFUSED: {
    exitCode: 13,
    repeat: 'safe',
    hint: 'Nothing was changed. Change what the guard names, or the guard.',
  },
  RUN_UNKNOWN: { exitCode: 13, repeat: 'safe', hint: 'Run `snapback runs` to list the runs that are known here.' },
  RUN_NOT_OPEN: { exitCode: 13, repeat: 'safe', hint: 'Run `snapback status` to see how it ended.' },
  PLAN_CHANGED: { exitCode: 13, repeat: 'safe', hint: 'Put the plan back as it was, or `snapback rollback` the run.' },
  SERVER_CHANGED: { exitCode: 13, repeat: 'safe', hint: 'Point the plan at the server on which the run began.' },
  UNSUPPORTED_SERVER: {
    exitCode: 13,
    repeat: 'never',
    hint: 'snapback works on MatrixOne, MySQL 8.0+ and MariaDB 10.6+.',
  },
  NO_SERVER: { exitCode: 9, repeat: 'safe', hint: 'Install a server; the message has the command.' },
} as const satisfies Record<string, FaultEntry>;

export type FaultCode = keyof typeof FAULTS;

/**
 * An expected failure: the program is right and the world is not.
 *
 * `message` says what happened, with names and numbers. `hint` says what to do.
 * `at` points into the plan when a line of YAML is to blame.
 */
export class Fault extends Error {
  override readonly name = 'Fault';
  readonly code: FaultCode;
  readonly hint: string;
  readonly at: SourceSpan | undefined;

  constructor(code: FaultCode, message: string, details: { at?: SourceSpan; hint?: string; cause?: unknown } = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.hint = details.hint ?? FAULTS[code].hint;
    this.at = details.at;
  }
}

/** What each exit code promises about what the snapshot covers. Numbers are never reused; 10 is reserved. */
export const EXIT_CODES: Readonly<Record<number, string>> = {
  0: 'committed, or nothing to do: the data is as the plan intends',
  1: 'a bug in snapback: the state of the data is unknown, the journal is intact',
  2: 'wrong command line: untouched',
  3: 'plan invalid: untouched',
  4: 'a step failed; rolled back and proven, or nothing had been changed: as before the run',
  5: 'stuck: the rollback failed or could not be proven; it needs a person, the report says where',
  6: 'stopped part-way, the run is open: `snapback resume` goes on',
  7: 'only a person can tell what happened: `resume --settle`, `rollback` or `close`',
  8: 'another run holds the lock or the scope: untouched by this run',
  9: 'server unreachable or login refused before any effect: untouched',
  11: 'stopped on purpose (`on_failure: stop`): as the failed step left it',
  12: 'the journal cannot be read or written: untouched by this process',
  13: 'a guard or the doctor refused: untouched',
};
