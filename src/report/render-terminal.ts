import { attemptDetails } from './action-details.ts';
import { actionLines, endingLines, headerLines, isQuietAction, turnOf } from './action-lines.ts';
import type { RunReport } from './run-report.ts';
import { TerminalLayout } from './terminal-layout.ts';

/** The columns of an output that does not say. */
export const COLUMNS_DEFAULT = 80;

/** A run for people, whether it has ended or not: where, what was done, what is true now, what to type next. */
export function renderTerminal(
  report: RunReport,
  { columns = COLUMNS_DEFAULT, color = false }: { readonly columns?: number; readonly color?: boolean } = {},
): string {
  const actions = report.actions.filter((action) => !isQuietAction(action));
  const layout = new TerminalLayout({ columns, color, names: actions.map(({ title }) => title) });
  const turn = turnOf({ ...report, actions });
  const body = actions.flatMap((action) => [
    ...(action === turn?.before ? layout.row(turn.row) : []),
    ...actionLines(layout, action),
    ...layout.details(attemptDetails(action)),
  ]);
  return [
    ...headerLines(layout, report),
    '',
    ...body,
    ...(body.length === 0 ? [] : ['']),
    ...endingLines(layout, report),
    '',
  ].join('\n');
}

/** The ending alone: what `--quiet` prints. */
export function renderEnding(
  report: RunReport,
  { columns = COLUMNS_DEFAULT, color = false }: { readonly columns?: number; readonly color?: boolean } = {},
): string {
  return `${endingLines(new TerminalLayout({ columns, color, names: [] }), report).join('\n')}\n`;
}
