import { formatDuration } from '../kernel/index.ts';
import { html, Markup } from './html-template.ts';
import { htmlTable, type Limits, type TableRow } from './html-table.ts';
import type { RunReport, StatementReport } from './run-report.ts';
import { clip, countOf, formatCount } from './words.ts';

/** Steps with tables of their own; a run with more of them, or with few statements in each, gets one table. */
const STEPS_MAX = 12;
const PER_STEP_MIN = 3;

const STATES: Readonly<
  Record<StatementReport['state'], { readonly tone: 'good' | 'bad' | 'warn'; readonly word: string }>
> = {
  done: { tone: 'good', word: 'done' },
  undone: { tone: 'warn', word: 'undone' },
  failed: { tone: 'bad', word: 'failed' },
  running: { tone: 'warn', word: 'under way' },
  'in-doubt': { tone: 'warn', word: 'in doubt' },
};

const COLUMNS = [
  { title: 'Statement', kind: 'name' },
  { title: 'After', kind: 'number' },
  { title: 'Rows', kind: 'number' },
  { title: 'Took', kind: 'number' },
  { title: 'Result', kind: 'state' },
] as const;

/** Every statement with its time, step by step. */
export function statementsMarkup({ actions, started_at }: RunReport, limits: Limits): Markup | undefined {
  const withAny = actions.filter(({ statements }) => statements.length > 0);
  if (withAny.length === 0) return undefined;
  const startMs = Date.parse(started_at);
  const all = withAny.flatMap(({ title, statements }) => statements.map((each) => ({ ...each, step: title })));
  const isOne = withAny.length > STEPS_MAX || (withAny.length > 1 && all.length < withAny.length * PER_STEP_MIN);
  const tables = isOne
    ? [tableMarkup('Statements of all steps', all, startMs, limits)]
    : withAny.map(({ title, statements }) => {
        return tableMarkup(`Statements of ${clip(title, 200)}`, statements, startMs, limits);
      });
  return html`<section aria-labelledby="statements">
    <h2 id="statements">Statements</h2>
    <p>${totalOf(all)} “After” counts from the beginning of the run.</p>
    ${tables}
  </section>`;
}

function totalOf(statements: readonly StatementReport[]): string {
  const rows = statements.reduce((sum, { rows_affected }) => sum + (rows_affected ?? 0), 0);
  const took = statements.reduce((sum, { duration_ms }) => sum + (duration_ms ?? 0), 0);
  return `${countOf(statements.length, 'statement')}, ${countOf(rows, 'row')} changed, ${formatDuration(took)} in all.`;
}

function tableMarkup(caption: string, statements: readonly StatementReport[], startMs: number, limits: Limits): Markup {
  const rowOf = (statement: Told): TableRow => statementRow(statement, startMs, limits);
  return html`<details class="card" open>
    <summary>${caption}</summary>
    ${htmlTable({ caption, columns: COLUMNS, items: statements, rowOf }, limits)}
  </details>`;
}

/** With the title of its step, where a table holds those of several. */
type Told = StatementReport & { readonly step?: string };

function statementRow(
  { at, step, head, started_at, state, rows_affected, duration_ms }: Told,
  startMs: number,
  { text }: Limits,
): TableRow {
  const isNamed = step === undefined || at.startsWith(`${step}:`);
  const place = clip(isNamed ? at : `${step} · ${at}`, 300);
  return {
    tone: STATES[state].tone,
    cells: [
      html`<code>${clip(head, text)}</code><br /><span class="kind">${place}</span>`,
      formatDuration(Math.max(0, Date.parse(started_at) - startMs)),
      rows_affected === null ? '' : formatCount(rows_affected),
      duration_ms === null ? '' : formatDuration(duration_ms),
      STATES[state].word,
    ],
  };
}
