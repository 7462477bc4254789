import { formatDuration } from '../kernel/index.ts';
import { attemptInWords } from './action-details.ts';
import { turnOf } from './action-lines.ts';
import { findingOf, rowsInWords, summaryOf, differenceInWords, comparisonOf } from './describe-evidence.ts';
import { html, Markup, prose } from './html-template.ts';
import type { ActionReport, ActionState, RunReport } from './run-report.ts';
import { clip, formatCount, formatTime } from './words.ts';

const MARKS: Readonly<Record<ActionState, { readonly glyph: string; readonly tone: string; readonly word: string }>> = {
  succeeded: { glyph: '✓', tone: 'good', word: 'succeeded' },
  failed: { glyph: '✗', tone: 'bad', word: 'failed' },
  skipped: { glyph: '–', tone: 'plain', word: 'skipped' },
  running: { glyph: '…', tone: 'warn', word: 'under way' },
  'in-doubt': { glyph: '?', tone: 'warn', word: 'in doubt' },
  'not-reached': { glyph: '·', tone: 'plain', word: 'not reached' },
};

const FINDINGS_MAX = 12;
const TEXT_MAX = 4_000;

/** What happened, from top to bottom, with what went wrong where it went wrong. */
export function storyMarkup(report: RunReport): Markup {
  const { actions } = report;
  const turn = turnOf(report);
  const items = actions.flatMap((action) => [
    ...(action === turn?.before ? [turnMarkup(turn.row.text)] : []),
    actionMarkup(action),
  ]);
  const stops = report.interruptions.map(
    ({ time, fault }) =>
      html`<li class="warn">
        <span class="mark" aria-hidden="true">!</span>
        <div class="head">
          <h3>stopped</h3>
          <span class="took">${formatTime(time)}</span>
        </div>
        <p class="wrap">${prose(clip(fault.message, TEXT_MAX))}</p>
      </li>`,
  );
  return html`<ol class="story card">
    ${[...items, ...stops]}
  </ol>`;
}

function turnMarkup(text: string): Markup {
  return html`<li class="turn">
    <span class="mark" aria-hidden="true">↶</span>
    <div class="head"><h3>rollback</h3></div>
    <p class="wrap">${text}</p>
  </li>`;
}

function actionMarkup(action: ActionReport): Markup {
  const { glyph, tone, word } = MARKS[action.state];
  const took =
    action.duration_ms === null ? undefined : html`<span class="took">${formatDuration(action.duration_ms)}</span>`;
  const kind =
    action.kind === null || action.kind === action.title ? undefined : html`<span class="kind">${action.kind}</span>`;
  return html`<li class="${tone}">
    <span class="mark" role="img" aria-label="${word}">${glyph}</span>
    <div class="head">
      <h3>${action.title}</h3>
      ${kind}${took}
    </div>
    <p class="wrap">${summaryOf(action)}</p>
    ${attemptsMarkup(action)}${detailMarkup(action)}
  </li>`;
}

function attemptsMarkup({ failed_attempts }: ActionReport): readonly Markup[] {
  return failed_attempts.map((failed) => html`<p class="soft wrap">${clip(attemptInWords(failed), TEXT_MAX)}</p>`);
}

function detailMarkup(action: ActionReport): Markup | undefined {
  const { evidence, fault } = action;
  if (evidence?.kind === 'verify') {
    const failed = evidence.checks.filter(({ passed }) => !passed);
    return findings(
      failed.map((check) => {
        const rows = check.rows === undefined ? [] : rowsInWords(check.rows, 4);
        return { subject: check.subject, texts: [findingOf(check), ...rows] };
      }),
    );
  }
  if (evidence?.kind === 'proof') {
    return findings(
      evidence.differences.map((difference) => {
        return { subject: difference.name, texts: [differenceInWords(difference), comparisonOf(difference)] };
      }),
    );
  }
  const declared = evidence !== null && 'declared' in evidence ? (evidence.declared ?? []) : [];
  const notes = declared.map((text) => html`<p class="soft wrap">${text}</p>`);
  const output =
    evidence?.kind === 'run' && evidence.output_tail.trim() !== '' ? outputMarkup(evidence.output_tail) : undefined;
  return html`${notes}${fault === null ? undefined : faultMarkup(action)}${output}`;
}

function faultMarkup({ fault, effect, statements }: ActionReport): Markup {
  const failed = statements.find(({ state }) => state === 'failed');
  const statement = failed === undefined ? undefined : html`<p><code>${clip(failed.head, TEXT_MAX)}</code></p>`;
  const unknown = effect === 'unknown' ? html`<p>Whether it changed anything is not known.</p>` : undefined;
  return html`<div class="quote wrap">
    ${statement}
    <p>${prose(clip(fault?.message ?? '', TEXT_MAX))}</p>
    ${unknown}
    <p class="soft">${prose(fault?.hint ?? '')}</p>
  </div>`;
}

function outputMarkup(tail: string): Markup {
  return html`<pre tabindex="0" aria-label="The last lines of its output">${tail.trimEnd().slice(-TEXT_MAX * 2)}</pre>`;
}

function findings(
  found: readonly { readonly subject: string; readonly texts: readonly string[] }[],
): Markup | undefined {
  if (found.length === 0) return undefined;
  const items = found.slice(0, FINDINGS_MAX).map(({ subject, texts }) => {
    const lines = texts.filter((text) => text !== '').map((text) => html`<dd>${clip(text, TEXT_MAX)}</dd>`);
    return html`<div>
      <dt>${clip(subject, TEXT_MAX)}</dt>
      ${lines}
    </div>`;
  });
  const rest = found.length - items.length;
  const more = rest > 0 ? html`<div><dd>and ${formatCount(rest)} more below</dd></div>` : undefined;
  return html`<div class="quote"><dl class="findings">${items}${more}</dl></div>`;
}
