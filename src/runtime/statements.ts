import type { Statement } from '../engines/index.ts';
import { positionOf } from '../kernel/index.ts';
import type { SqlStep } from '../plan/index.ts';
import type { ActionScope } from './ports.ts';

export interface PlacedStatement extends Statement {
  /** `sql/add-currency.sql:12`, or `plan:31` for inline text. */
  readonly place: string;
}

/** Every statement of an sql step, in order, each with its place for people. */
export function statementsOf(step: SqlStep, { target: { engine } }: ActionScope): readonly PlacedStatement[] {
  return step.sources.flatMap(({ path, text }) =>
    engine.splitStatements(text).map((statement) => ({
      ...statement,
      place: `${path ?? step.id}:${positionOf(text, statement.offset).line}`,
    })),
  );
}

const HEAD_LENGTH_MAX = 200;

/** The beginning of a statement on one line: enough for a person to know it again. */
export function headOf(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > HEAD_LENGTH_MAX ? `${line.slice(0, HEAD_LENGTH_MAX - 1)}…` : line;
}

/** Statements that leave nothing behind in their session, so that a later one may follow in another session. */
const SELF_CONTAINED =
  /^(?:ALTER|CREATE|DROP|RENAME|TRUNCATE|INSERT|UPDATE|DELETE|REPLACE|SELECT|WITH|GRANT|REVOKE|ANALYZE|OPTIMIZE)\b/i;
const LEADING_COMMENTS = /^(?:\s|--[^\n]*(?:\n|$)|#[^\n]*(?:\n|$)|\/\*[\s\S]*?\*\/)*/;

/**
 * Whether any of these may have set something that only its own session knows: an open transaction, a variable, the
 * current database, a temporary table, a lock. What follows must not go on in another session then.
 */
export function carriesSessionState(statements: readonly { readonly text: string }[]): boolean {
  return statements.some(({ text }) => {
    const bare = text.replace(LEADING_COMMENTS, '');
    return !SELF_CONTAINED.test(bare) || /^CREATE\s+(?:OR\s+REPLACE\s+)?TEMPORARY\b/i.test(bare) || bare.includes('@');
  });
}

/** One statement that the server takes back whole when it refuses it, so that it may be sent again. */
export function isPlainChange({ text }: { readonly text: string }): boolean {
  return /^(?:INSERT|UPDATE|DELETE|REPLACE)\b/i.test(text.replace(LEADING_COMMENTS, ''));
}
