import type { Sql } from '../generated/raw-plan.ts';
import { sqlShape } from '../sql-text.ts';
import type { StepContext } from '../step-context.ts';
import type { SqlParam, SqlSource, SqlStep, StepCommon } from '../types.ts';

export function normalizeSql(raw: Sql, common: StepCommon, context: StepContext): SqlStep {
  const body = typeof raw === 'string' ? { text: raw } : raw;
  const textContext = typeof raw === 'string' ? context : context.in('text');
  if (body.params !== undefined && body.text === undefined) {
    const help = 'put the statement under `text:`, in a step of its own';
    context
      .in('params')
      .reportAtKey('PARAMS_NOT_HERE', '`params` goes with a single inline statement, not with files', help);
  }
  if (body.text !== undefined) checkInlineSql(body.text, body.params, textContext);
  return {
    ...common,
    kind: 'sql',
    sources: body.text === undefined ? context.in('file').sqlFiles() : [inline(body.text, textContext)],
    database: body.database,
    params: body.params,
    transaction: body.transaction ?? 'auto',
  };
}

function inline(text: string, context: StepContext): SqlSource {
  return { path: undefined, text, at: context.at() };
}

/** What can be seen of inline SQL without a server: that there is some, and that it agrees with its parameters. */
export function checkInlineSql(text: string, params: readonly SqlParam[] | undefined, context: StepContext): void {
  const { statementCount, placeholderCount } = sqlShape(text);
  if (statementCount === 0) {
    context.report('SQL_EMPTY', 'there is no statement here');
  } else if (params !== undefined && statementCount > 1) {
    const help = 'make a step of each statement';
    context.report('PARAMS_NOT_HERE', `\`params\` goes with a single statement; here are ${statementCount}`, help);
  } else if (params !== undefined && params.length !== placeholderCount) {
    const message = `the statement has ${placeholderCount} \`?\`, and \`params\` has ${params.length} values`;
    context.report('PARAMS_COUNT', message, 'write one value for each `?`');
  }
}
