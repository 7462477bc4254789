import { escapeCell, formatDuration, type ObjectDifference } from '../kernel/index.ts';
import { hintsOf, serverInWords, turnOf, whyNeverBegun } from './action-lines.ts';
import { comparisonOf, differenceInWords, rowsInWords, summaryOf } from './describe-evidence.ts';
import { fitSummary, SUMMARY_BYTES_MAX } from './fit-summary.ts';
import type { ActionReport, ActionState, RunReport } from './run-report.ts';
import { VERDICT_TITLES } from './tell-run.ts';
import { clip, countOf, formatCount, formatTime } from './words.ts';

export interface MarkdownOptions {
  /** The plan's diagram as Mermaid text, coloured by what happened. */
  readonly mermaid?: string;
  /** Most bytes of the whole, in UTF-8. */
  readonly bytesMax?: number;
}

/** Rows of one table; what is left out is counted below it. */
const ROWS_MAX = 200;
const TEXT_MAX = 500;
const DIFF_LINES_MAX = 20;

const VERDICT_SIGNS: Readonly<Record<RunReport['verdict'], string>> = {
  committed: '✅',
  'rolled-back': '↩️',
  'failed-clean': '🟦',
  stopped: '⏹️',
  stuck: '🛑',
  closed: '📁',
  open: '🟡',
};

const STATE_SIGNS: Readonly<Record<ActionState, string>> = {
  succeeded: '✅',
  failed: '❌',
  skipped: '➖',
  running: '⏳',
  'in-doubt': '❓',
  'not-reached': '➖',
};

/** A job summary: the verdict first, then what was done, then the evidence, as much as fits. */
export function renderMarkdown(report: RunReport, options: MarkdownOptions = {}): string {
  const sections = [
    verdictSection(report),
    actionSection(report),
    faultSection(report.actions),
    checkSection(report.actions),
    diagramSection(options.mermaid),
    proofSection(report.actions),
    destroyedSection(report),
    statementSection(report.actions),
    journalSection(report),
  ];
  return fitSummary(
    sections.filter((section) => section !== ''),
    options.bytesMax ?? SUMMARY_BYTES_MAX,
  );
}

function verdictSection(report: RunReport): string {
  const server = report.servers[0];
  const why = whyNeverBegun(report);
  const facts = [
    ['run', `<code>${cell(report.run)}</code>`],
    ['server', server === undefined ? 'not met' : cell(serverInWords(server))],
    ['started', formatTime(report.started_at)],
    ['took', report.duration_ms === null ? 'not ended' : formatDuration(report.duration_ms)],
    ['exit code', report.exit_code === null ? 'none yet' : String(report.exit_code)],
  ];
  return [
    `## ${VERDICT_SIGNS[report.verdict]} ${cell(report.plan.name)}: ${VERDICT_TITLES[report.verdict]}`,
    `**${cell(report.sentence)}**`,
    cell(report.promise),
    ...hintsOf(report).map(cell),
    ...(why === undefined ? [] : [cell(`${why.message}. ${why.hint}`)]),
    table(['', ''], facts),
    report.next.map(({ label, command }) => `- ${label}: <code>${cell(command)}</code>`).join('\n'),
  ].join('\n\n');
}

function actionSection(report: RunReport): string {
  const { actions } = report;
  if (actions.length === 0) return '';
  const turn = turnOf(report);
  const rows = actions.flatMap((action) => [
    ...(action === turn?.before ? [['↩️', 'rollback', cell(turn.row.text), '']] : []),
    [
      STATE_SIGNS[action.state],
      cell(action.title),
      cell(summaryOf(action)),
      action.duration_ms === null ? '' : formatDuration(action.duration_ms),
    ],
  ]);
  return section('What happened', table(['', 'step', 'what', 'took'], rows));
}

function faultSection(actions: readonly ActionReport[]): string {
  const failed = actions.filter(({ fault, evidence }) => fault !== null && evidence?.kind !== 'verify');
  const parts = failed.slice(0, 20).map(({ title, fault, statements, evidence }) => {
    const statement = statements.find(({ state }) => state === 'failed');
    const output = evidence?.kind === 'run' ? evidence.output_tail.trimEnd().split('\n').slice(-20) : [];
    const lines = [
      `**${cell(title)}** ${cell(fault?.code ?? '')}`,
      ...(statement === undefined ? [] : [`${cell(statement.at)}: <code>${cell(statement.head)}</code>`]),
      cell(fault?.message ?? ''),
      cell(fault?.hint ?? ''),
      ...output.map((line) => `<code>${cell(line)}</code>`),
    ];
    return lines.map((line) => `> ${line}`).join('<br>\n');
  });
  return parts.length === 0 ? '' : section('What went wrong', parts.join('\n\n'));
}

function checkSection(actions: readonly ActionReport[]): string {
  const checks = actions.flatMap(({ evidence }) => (evidence?.kind === 'verify' ? evidence.checks : []));
  if (checks.length === 0) return '';
  const ordered = [...checks.filter(({ passed }) => !passed), ...checks.filter(({ passed }) => passed)];
  const rows = ordered.map((check) => [
    check.passed ? '✅' : check.severity === 'warn' ? '⚠️' : '❌',
    cell(check.subject),
    cell(check.expected),
    cell(check.found),
    cell((check.rows === undefined ? [] : rowsInWords(check.rows, 10)).join('; ')),
  ]);
  const differences = ordered.flatMap((check) => check.differences ?? []).map(differenceRow);
  const parts = [
    table(['', 'check', 'expected', 'found', 'rows'], rows),
    ...(differences.length === 0 ? [] : [table(['object', 'differs', ''], differences)]),
  ];
  return section('Checks', parts.join('\n\n'));
}

function differenceRow(difference: ObjectDifference): readonly string[] {
  const { diff = [], rows } = difference;
  const lines = diff.slice(0, DIFF_LINES_MAX).map((line) => `<code>${cell(line)}</code>`);
  const rest = diff.length - lines.length;
  const said = rows === undefined ? [] : rowsInWords(rows, 10).map(cell);
  const compared = comparisonOf(difference);
  const texts = [...(compared === '' ? [] : [cell(compared)]), ...said, ...lines];
  const more = rest > 0 ? [`and ${formatCount(rest)} more lines in the JSON report`] : [];
  return [cell(difference.name), cell(differenceInWords(difference)), [...texts, ...more].join('<br>')];
}

function diagramSection(mermaid: string | undefined): string {
  if (mermaid === undefined) return '';
  const longest = Math.max(2, ...[...mermaid.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return section('The plan', `${fence}mermaid\n${mermaid.trimEnd()}\n${fence}`);
}

function proofSection(actions: readonly ActionReport[]): string {
  const proofs = actions.flatMap(({ evidence }) => (evidence?.kind === 'proof' ? [evidence] : []));
  const parts = proofs.map((proof) => {
    const rows = proof.tables.map(({ table, row_count, fingerprint, is_equal }) => [
      is_equal ? '=' : '≠',
      cell(table),
      formatCount(row_count),
      `<code>${cell(fingerprint)}</code>`,
    ]);
    const differences = proof.differences.map(differenceRow);
    return [
      `Compared with <code>${cell(proof.snapshot)}</code>, ${cell(proof.moment)}.`,
      ...(differences.length === 0 ? [] : [table(['object', 'differs', ''], differences)]),
      `<details><summary>${countOf(rows.length, 'table')}</summary>`,
      table(['', 'table', 'rows', 'fingerprint'], rows),
      '</details>',
      ...proof.left_out.map((text) => `- left out: ${cell(text)}`),
    ].join('\n\n');
  });
  return parts.length === 0 ? '' : section('The proof', parts.join('\n\n'));
}

function destroyedSection({ destroyed }: RunReport): string {
  if (destroyed.length === 0) return '';
  const rows = destroyed.map(differenceRow);
  return section('What the restore destroyed', table(['object', 'what', ''], rows));
}

function statementSection(actions: readonly ActionReport[]): string {
  const rows = actions.flatMap(({ statements }) =>
    statements.map(({ at, head, state, rows_affected, duration_ms }) => [
      state,
      cell(at),
      `<code>${cell(clip(head, 160))}</code>`,
      rows_affected === null ? '' : formatCount(rows_affected),
      duration_ms === null ? '' : formatDuration(duration_ms),
    ]),
  );
  return rows.length === 0 ? '' : section('Statements', table(['', 'at', 'statement', 'rows', 'took'], rows));
}

function journalSection({ journal, plan, tool_version }: RunReport): string {
  const facts = [
    ['plan', cell(plan.path)],
    ['plan digest', `<code>${cell(plan.digest)}</code>`],
    ['journal', `${countOf(journal.record_count, 'record')}, last hash <code>${cell(journal.last_hash)}</code>`],
    ['snapback', cell(tool_version)],
  ];
  return section('Record', table(['', ''], facts));
}

function section(title: string, body: string): string {
  return `### ${title}\n\n${body}`;
}

function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const shown = rows.slice(0, ROWS_MAX);
  const rest = rows.length - shown.length;
  const notice = rest === 0 ? [] : ['', `_and ${formatCount(rest)} more in the JSON report_`];
  return [line(heads), line(heads.map(() => '---')), ...shown.map(line), ...notice].join('\n');
}

function cell(text: string): string {
  return escapeCell(clip(text, TEXT_MAX));
}
