import type { CheckResult, ObjectDifference, ProofEvidence, RowDifference } from '../kernel/index.ts';
import { differenceInWords, rowsInWords, summaryOf } from './describe-evidence.ts';
import { html, Markup } from './html-template.ts';
import { htmlTable, moreMarkup, type Limits, type TableRow } from './html-table.ts';
import type { ActionReport, RunReport } from './run-report.ts';
import { clip, countOf, formatCount } from './words.ts';

const KEYS_MAX = 20;

const CHECK_COLUMNS = [
  { title: 'Check', kind: 'name' },
  { title: 'Expected' },
  { title: 'Found' },
  { title: 'Result', kind: 'state' },
] as const;

/** Every check with expected and found; those that failed first, with the rows that differ. */
export function checksMarkup({ actions }: RunReport, limits: Limits): Markup | undefined {
  const checks = actions.flatMap(({ evidence }) => (evidence?.kind === 'verify' ? evidence.checks : []));
  if (checks.length === 0) return undefined;
  const items = [...checks.filter(({ passed }) => !passed), ...checks.filter(({ passed }) => passed)];
  const failed = checks.filter(({ passed }) => !passed).length;
  const summary =
    failed === 0
      ? `All ${countOf(checks.length, 'check')} passed.`
      : `${formatCount(failed)} of ${countOf(checks.length, 'check')} did not pass.`;
  const rowOf = (check: CheckResult): TableRow => checkRow(check, limits);
  return html`<section aria-labelledby="checks">
    <h2 id="checks">Checks</h2>
    <p>${summary}</p>
    <div class="card">${htmlTable({ caption: 'Checks', columns: CHECK_COLUMNS, items, rowOf }, limits)}</div>
  </section>`;
}

function checkRow(check: CheckResult, limits: Limits): TableRow {
  const objects = (check.differences ?? []).slice(0, KEYS_MAX).map((each) => {
    const words = `${each.name}: ${differenceInWords(each)}`;
    return html`<li>${clip(words, limits.text)}${moreOf(each, limits)}</li>`;
  });
  const more = html`${rowsMarkup(check.rows, limits)}${itemsMarkup(objects, (check.differences ?? []).length)}`;
  const word = check.passed ? 'passed' : check.severity === 'warn' ? 'warning' : 'failed';
  return {
    tone: check.passed ? 'good' : check.severity === 'warn' ? 'warn' : 'bad',
    cells: [
      clip(check.subject, limits.text),
      clip(check.expected, limits.text),
      html`${clip(check.found, limits.text)}${more}`,
      word,
    ],
  };
}

/** Which rows differ: those that a bounded sample holds, by their keys. */
function rowsMarkup(rows: RowDifference | undefined, limits: Limits): Markup | undefined {
  return rows === undefined ? undefined : listMarkup(rowsInWords(rows, KEYS_MAX), limits);
}

function listMarkup(texts: readonly string[], { text: textMax }: Limits): Markup | undefined {
  if (texts.length === 0) return undefined;
  const items = texts.slice(0, KEYS_MAX).map((text) => html`<li>${clip(text, textMax)}</li>`);
  return itemsMarkup(items, texts.length);
}

function itemsMarkup(items: readonly Markup[], total: number): Markup | undefined {
  if (items.length === 0) return undefined;
  const rest = total - items.length;
  const more = rest > 0 ? html`<li>and ${formatCount(rest)} more in the JSON report</li>` : undefined;
  return html`<ul>
    ${items}${more}
  </ul>`;
}

/** Which rows differ, or how the definition does. */
function moreOf({ rows, diff = [] }: ObjectDifference, limits: Limits): Markup {
  const label = 'The definition';
  const lines = diff.map((line) => diffLine(clip(line, limits.text)));
  const text =
    diff.length === 0
      ? undefined
      : html`<pre class="diff" tabindex="0" role="group" aria-label="${label}">${lines}</pre>`;
  return html`${rowsMarkup(rows, limits)}${text}`;
}

function diffLine(line: string): Markup {
  if (line.startsWith('+')) return html`<ins>${line}</ins>`;
  return line.startsWith('-') ? html`<del>${line}</del>` : html`<span>${line}</span>`;
}

/** What restores destroyed. */
export function destroyedMarkup({ destroyed }: RunReport, limits: Limits): Markup | undefined {
  if (destroyed.length === 0) return undefined;
  return html`<section aria-labelledby="destroyed">
    <h2 id="destroyed">What the restore destroyed</h2>
    <p>Looked at and recorded before anything was put back.</p>
    <div class="card">${differenceTable('What the restore destroyed', destroyed, limits)}</div>
  </section>`;
}

const DIFFERENCE_COLUMNS = [
  { title: 'Object', kind: 'name' },
  { title: 'Difference' },
  { title: 'In the snapshot' },
  { title: 'Found' },
] as const;

function differenceTable(caption: string, items: readonly ObjectDifference[], limits: Limits): Markup {
  const rowOf = (difference: ObjectDifference): TableRow => {
    const { name, expected = '', found = '', diff = [] } = difference;
    const isTold = diff.length > 0; // better than the two texts side by side
    return {
      cells: [
        clip(name, limits.text),
        differenceInWords(difference),
        isTold ? '' : clip(expected, limits.text),
        html`${isTold ? '' : clip(found, limits.text)}${moreOf(difference, limits)}`,
      ],
    };
  };
  return htmlTable({ caption, columns: DIFFERENCE_COLUMNS, items, rowOf }, limits);
}

const PROOFS_MAX = 20;

/** The proof, table by table. */
export function proofMarkup({ actions }: RunReport, limits: Limits): Markup | undefined {
  const proofs = actions.filter((action) => action.evidence?.kind === 'proof');
  if (proofs.length === 0) return undefined;
  return html`<section aria-labelledby="proof">
    <h2 id="proof">The proof</h2>
    ${proofs.slice(0, PROOFS_MAX).map((action) => oneProof(action, limits))} ${moreMarkup(proofs.length - PROOFS_MAX)}
  </section>`;
}

function oneProof(action: ActionReport, limits: Limits): Markup {
  const { evidence } = action;
  if (evidence?.kind !== 'proof') return html``;
  const { differences, tables, left_out } = evidence;
  const table = { caption: 'Tables compared with the snapshot', columns: PROOF_COLUMNS, items: tables };
  const rowOf = (proven: ProofEvidence['tables'][number]): TableRow => provenRow(proven, limits);
  const differing =
    differences.length === 0
      ? undefined
      : html`<div class="card">${differenceTable('What differs from the snapshot', differences, limits)}</div>`;
  const leftOut = left_out.slice(0, 50).map((text) => html`<li class="wrap">${clip(text, limits.text)}</li>`);
  return html`<p class="wrap">${clip(sentenceOf(evidence, summaryOf(action)), limits.text)}</p>
    ${differing}
    <details class="card" open>
      <summary>${countOf(tables.length, 'table')} compared</summary>
      ${htmlTable({ ...table, rowOf }, limits)}
    </details>
    ${leftOut.length === 0 ? undefined : leftOutMarkup(leftOut)}`;
}

function leftOutMarkup(items: readonly Markup[]): Markup {
  return html`<details class="notes">
    <summary>What “equal” leaves out on this server</summary>
    <ul>
      ${items}
    </ul>
  </details>`;
}

const PROOF_COLUMNS = [
  { title: 'Table', kind: 'name' },
  { title: 'Rows', kind: 'number' },
  { title: 'Fingerprint' },
  { title: 'Result', kind: 'state' },
] as const;

function provenRow(
  { table, row_count, fingerprint, is_equal }: ProofEvidence['tables'][number],
  limits: Limits,
): TableRow {
  return {
    tone: is_equal ? 'good' : 'bad',
    cells: [
      clip(table, limits.text),
      formatCount(row_count),
      html`<code>${clip(fingerprint, 120)}</code>`,
      is_equal ? 'equal' : 'differs',
    ],
  };
}

function sentenceOf({ moment, snapshot, is_equal, differences }: ProofEvidence, summary: string): string {
  if (!is_equal) return `${countOf(differences.length, 'difference')} from the snapshot ${snapshot}, read ${moment}.`;
  return `${summary.charAt(0).toUpperCase()}${summary.slice(1)} ${snapshot}, read ${moment}.`;
}
