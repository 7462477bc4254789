import { findingOf, rowsInWords, detailOfDifference, differenceInWords, comparisonOf } from './describe-evidence.ts';
import type { Limits } from './html-table.ts';
import { html, Markup, prose } from './html-template.ts';
import type { ActionReport } from './run-report.ts';
import { clip, formatCount } from './words.ts';

const FINDINGS_MAX = 12;
const DECLARED_MAX = 20;
/** The tables below have the rest. */
const TEXTS_MAX = 12;

/** What is to be said of an action besides its summary: findings, the fault, the last lines of a program. */
export function detailMarkup(action: ActionReport, limits: Limits): Markup | undefined {
  const { evidence, fault } = action;
  if (evidence?.kind === 'verify') {
    const failed = evidence.checks.filter(({ passed }) => !passed);
    const sayOf = (check: (typeof failed)[number]): Finding => {
      const rows = check.rows === undefined ? [] : rowsInWords(check.rows, 4);
      return { subject: check.subject, texts: [findingOf(check), ...rows] };
    };
    return findingsMarkup(failed, sayOf, limits);
  }
  if (evidence?.kind === 'proof') {
    const sayOf = (difference: (typeof evidence.differences)[number]): Finding => {
      const texts = [differenceInWords(difference), comparisonOf(difference), ...detailOfDifference(difference, 4)];
      return { subject: difference.name, texts: texts.slice(0, TEXTS_MAX) };
    };
    return findingsMarkup(evidence.differences, sayOf, limits);
  }
  const declared = evidence !== null && 'declared' in evidence ? (evidence.declared ?? []) : [];
  const notes = declared
    .slice(0, DECLARED_MAX)
    .map((text) => html`<p class="soft wrap">${clip(text, limits.text)}</p>`);
  const tail = evidence?.kind === 'run' ? evidence.output_tail.trimEnd() : '';
  const output = tail === '' ? undefined : outputMarkup(tail, limits);
  return html`${notes}${fault === null ? undefined : faultMarkup(action, limits)}${output}`;
}

function faultMarkup({ fault, effect, statements, evidence }: ActionReport, { text }: Limits): Markup {
  const failed = statements.find(({ state }) => state === 'failed');
  const statement = failed === undefined ? undefined : html`<p><code>${clip(failed.head, text)}</code></p>`;
  const unknown = effect === 'unknown' ? html`<p>Whether it changed anything is not known.</p>` : undefined;
  // Of a program it is about the output, which stands below.
  const hint = evidence?.kind === 'run' ? '' : (fault?.hint ?? '');
  return html`<div class="quote wrap">
    ${statement}
    <p>${prose(clip(fault?.message ?? '', text))}</p>
    ${unknown} ${hint === '' ? undefined : html`<p class="soft">${prose(clip(hint, text))}</p>`}
  </div>`;
}

/** The end of it is what tells. */
function outputMarkup(tail: string, { text }: Limits): Markup {
  const label = 'The last lines of its output';
  return html`<pre tabindex="0" role="group" aria-label="${label}">${tail.slice(-text * 2)}</pre>`;
}

interface Finding {
  readonly subject: string;
  readonly texts: readonly string[];
}

function findingsMarkup<Found>(
  found: readonly Found[],
  sayOf: (one: Found) => Finding,
  limits: Limits,
): Markup | undefined {
  if (found.length === 0) return undefined;
  const items = found.slice(0, FINDINGS_MAX).map((one) => {
    const { subject, texts } = sayOf(one);
    const lines = texts.filter((text) => text !== '').map((text) => html`<dd>${clip(text, limits.text)}</dd>`);
    return html`<div>
      <dt>${clip(subject, limits.text)}</dt>
      ${lines}
    </div>`;
  });
  const rest = found.length - items.length;
  const more = rest > 0 ? html`<p class="soft">and ${formatCount(rest)} more below</p>` : undefined;
  return html`<div class="quote">
    <dl class="findings">${items}</dl>
    ${more}
  </div>`;
}
