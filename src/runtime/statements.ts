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
