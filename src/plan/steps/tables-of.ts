import type { StepContext } from '../step-context.ts';
import { shown } from '../source-text.ts';
import { parseTable } from '../tables.ts';
import type { PlanTable } from '../types.ts';

/** Tables as the plan writes them; `patterns` may hold `*`. */
export function tablesOf(
  texts: readonly string[],
  context: StepContext,
  form: 'names' | 'patterns',
): readonly PlanTable[] {
  return texts.flatMap((text, index) => tableOf(text, context.in(index), form) ?? []);
}

/** Undefined, and reported, where the text names no table. The context is that of the text, or of a key. */
export function tableOf(text: string, context: StepContext, form: 'names' | 'patterns'): PlanTable | undefined {
  if (context.isUnknown()) return { database: undefined, table: text };
  const table = parseTable(text);
  if (table.kind === 'err') {
    context.reportAtKey('WRONG_TABLE', `\`${shown(text)}\` names no table`, table.problem);
    return undefined;
  }
  if (form === 'names' && text.includes('*')) {
    context.report('WRONG_TABLE', 'tables are named one by one here', 'for a whole database write `databases: [..]`');
    return undefined;
  }
  return table.value;
}
