import { err, ok, type Result } from './result.ts';

declare const brand: unique symbol;

/** A `Base` that has passed the parser of its kind. The brand costs nothing at run time. */
export type Branded<Base, Name extends string> = Base & { readonly [brand]: Name };

/** Names one step of a plan; unique in the whole plan, undo and rollback steps included. */
export type StepId = Branded<string, 'StepId'>;
/** Names one run, everywhere: journal file, server's record, statement comments. Twelve characters of a-z and 0-9. */
export type RunId = Branded<string, 'RunId'>;
/** Names a snapshot on the server. */
export type SnapshotName = Branded<string, 'SnapshotName'>;

/** One limit for every engine, so that one plan fits all: MatrixOne cuts longer names silently. */
export const SNAPSHOT_NAME_LENGTH_MAX = 64;

export function parseStepId(text: string): Result<StepId, string> {
  if (!/^[A-Za-z][A-Za-z0-9_-]{0,63}$/.test(text)) {
    return err('an id starts with a letter and holds letters, digits, - and _, at most 64 characters');
  }
  return ok(text as StepId);
}

export function parseRunId(text: string): Result<RunId, string> {
  if (!/^[a-z0-9]{4,32}$/.test(text)) return err('a run id holds 4 to 32 characters of a-z and 0-9');
  return ok(text as RunId);
}

/** Folds to lower case, as MatrixOne does, so that one name means one snapshot on every engine. */
export function parseSnapshotName(text: string): Result<SnapshotName, string> {
  if (text.length === 0) return err('a snapshot name cannot be empty');
  if (text.length > SNAPSHOT_NAME_LENGTH_MAX) {
    return err(`a snapshot name holds at most ${SNAPSHOT_NAME_LENGTH_MAX} characters, not ${text.length}`);
  }
  if (!/^[A-Za-z_][A-Za-z0-9_.-]*$/.test(text)) {
    return err('a snapshot name holds letters, digits, _, - and ., and starts with a letter or _');
  }
  return ok(text.toLowerCase() as SnapshotName);
}

/** A table as people name it in messages and patterns: never quoted, never part of SQL text. */
export interface TableRef {
  readonly database: string;
  readonly table: string;
}

export function tableLabel({ database, table }: TableRef): string {
  return `${database}.${table}`;
}
