import { formatDuration, type CheckResult, type ObjectDifference, type ProofEvidence } from '../kernel/index.ts';
import { differenceInWords, rowsInWords, summaryOf } from './describe-evidence.ts';
import { html, Markup } from './html-template.ts';
import { htmlTable, type TableRow } from './html-table.ts';
import type { ActionReport, RunReport, StatementReport } from './run-report.ts';
import { clip, countOf, formatCount } from './words.ts';

const TEXT_MAX = 1_000;
const KEYS_MAX = 20;

/** Every check with expected and found; those that failed first, with the rows that differ. */
export function checksMarkup({ actions }: RunReport, rowsMax: number): Markup | undefined {
  const checks = actions.flatMap(({ evidence }) => (evidence?.kind === 'verify' ? evidence.checks : []));
  if (checks.length === 0) return undefined;
  const ordered = [...checks.filter(({ passed }) => !passed), ...checks.filter(({ passed }) => passed)];
  const columns = [
    { title: 'Check', kind: 'name' },
    { title: 'Expected' },
    { title: 'Found' },
    { title: 'Result', kind: 'state' },
  ] as const;
  const failed = checks.filter(({ passed }) => !passed).length;
  const summary =
    failed === 0
      ? `All ${countOf(checks.length, 'check')} passed.`
      : `${formatCount(failed)} of ${countOf(checks.length, 'check')} did not pass.`;
  return html`<section aria-labelledby="checks">
    <h2 id="checks">Checks</h2>
    <p>${summary}</p>
    <div class="card">${htmlTable('Checks', columns, ordered.map(checkRow), rowsMax)}</div>
  </section>`;
}

function checkRow(check: CheckResult): TableRow {
  const rows = check.rows === undefined ? [] : rowsInWords(check.rows, KEYS_MAX);
  const objects = (check.differences ?? [])
    .slice(0, KEYS_MAX)
    .map((each) => `${each.name}: ${differenceInWords(each)}`);
  const more = [...rows, ...objects].map((text) => html`<li>${clip(text, TEXT_MAX)}</li>`);
  const list =
    more.length === 0
      ? undefined
      : html`<ul>
          ${more}
        </ul>`;
  const word = check.passed ? 'passed' : check.severity === 'warn' ? 'warning' : 'failed';
  return {
    tone: check.passed ? 'good' : check.severity === 'warn' ? 'warn' : 'bad',
    cells: [
      clip(check.subject, TEXT_MAX),
      clip(check.expected, TEXT_MAX),
      html`${clip(check.found, TEXT_MAX)}${list}`,
      word,
    ],
  };
}

/** What restores destroyed. */
export function destroyedMarkup({ destroyed }: RunReport, rowsMax: number): Markup | undefined {
  if (destroyed.length === 0) return undefined;
  return html`<section aria-labelledby="destroyed">
    <h2 id="destroyed">What the restore destroyed</h2>
    <p>Looked at and recorded before anything was put back.</p>
    <div class="card">${differenceTable('What the restore destroyed', destroyed, rowsMax)}</div>
  </section>`;
}

function differenceTable(caption: string, differences: readonly ObjectDifference[], rowsMax: number): Markup {
  const columns = [
    { title: 'Object', kind: 'name' },
    { title: 'Difference' },
    { title: 'In the snapshot' },
    { title: 'Found' },
  ] as const;
  const rows = differences.map((difference): TableRow => {
    const changes = difference.rows === undefined ? [] : rowsInWords(difference.rows, KEYS_MAX);
    const list =
      changes.length === 0
        ? undefined
        : html`<ul>
            ${changes.map((text) => html`<li>${clip(text, TEXT_MAX)}</li>`)}
          </ul>`;
    const found = html`${clip(difference.found ?? '', TEXT_MAX)}${list}`;
    return {
      cells: [difference.name, differenceInWords(difference), clip(difference.expected ?? '', TEXT_MAX), found],
    };
  });
  return htmlTable(caption, columns, rows, rowsMax);
}

/** The proof, table by table. */
export function proofMarkup({ actions }: RunReport, rowsMax: number): Markup | undefined {
  const proofs = actions.filter((action) => action.evidence?.kind === 'proof');
  if (proofs.length === 0) return undefined;
  return html`<section aria-labelledby="proof">
    <h2 id="proof">The proof</h2>
    ${proofs.map((action) => oneProof(action, rowsMax))}
  </section>`;
}

function oneProof(action: ActionReport, rowsMax: number): Markup {
  const { evidence } = action;
  if (evidence?.kind !== 'proof') return html``;
  const differences =
    evidence.differences.length === 0
      ? undefined
      : html`<div class="card">
          ${differenceTable('What differs from the snapshot', evidence.differences, rowsMax)}
        </div>`;
  const leftOut = evidence.left_out.map((text) => html`<li class="wrap">Left out: ${text}</li>`);
  return html`<p class="wrap">${sentenceOf(evidence, summaryOf(action))}</p>
    ${differences}
    <details class="card" open>
      <summary>${countOf(evidence.tables.length, 'table')} compared</summary>
      ${htmlTable('Tables compared with the snapshot', PROOF_COLUMNS, evidence.tables.map(provenRow), rowsMax)}
    </details>
    ${
      leftOut.length === 0
        ? undefined
        : html`<ul class="notes">
            ${leftOut}
          </ul>`
    }`;
}

const PROOF_COLUMNS = [
  { title: 'Table', kind: 'name' },
  { title: 'Rows', kind: 'number' },
  { title: 'Fingerprint' },
  { title: 'Result', kind: 'state' },
] as const;

function provenRow({ table, row_count, fingerprint, is_equal }: ProofEvidence['tables'][number]): TableRow {
  return {
    tone: is_equal ? 'good' : 'bad',
    cells: [
      table,
      formatCount(row_count),
      html`<code>${clip(fingerprint, 120)}</code>`,
      is_equal ? 'equal' : 'differs',
    ],
  };
}

function sentenceOf({ moment, snapshot }: ProofEvidence, summary: string): string {
  return `${summary.charAt(0).toUpperCase()}${summary.slice(1)} ${snapshot}, read ${moment}.`;
}

const STATES: Readonly<
  Record<StatementReport['state'], { readonly tone: 'good' | 'bad' | 'warn'; readonly word: string }>
> = {
  done: { tone: 'good', word: 'done' },
  undone: { tone: 'warn', word: 'undone' },
  failed: { tone: 'bad', word: 'failed' },
  running: { tone: 'warn', word: 'under way' },
  'in-doubt': { tone: 'warn', word: 'in doubt' },
};

/** Every statement with its duration. */
export function statementsMarkup({ actions }: RunReport, rowsMax: number): Markup | undefined {
  const rows = actions.flatMap(({ statements }) => statements.map(statementRow));
  if (rows.length === 0) return undefined;
  const columns = [
    { title: 'Statement', kind: 'name' },
    { title: 'Rows', kind: 'number' },
    { title: 'Took', kind: 'number' },
    { title: 'Result', kind: 'state' },
  ] as const;
  return html`<section aria-labelledby="statements">
    <h2 id="statements">Statements</h2>
    <div class="card">${htmlTable('Statements', columns, rows, rowsMax)}</div>
  </section>`;
}

function statementRow({ at, head, state, rows_affected, duration_ms }: StatementReport): TableRow {
  return {
    tone: STATES[state].tone,
    cells: [
      html`<code>${clip(head, TEXT_MAX)}</code><br /><span class="kind">${at}</span>`,
      rows_affected === null ? '' : formatCount(rows_affected),
      duration_ms === null ? '' : formatDuration(duration_ms),
      STATES[state].word,
    ],
  };
}
