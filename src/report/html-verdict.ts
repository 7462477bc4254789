import { formatDuration } from '../kernel/index.ts';
import { hintsOf, serverInWords } from './action-lines.ts';
import { html, Markup, prose } from './html-template.ts';
import type { ActionReport, RunReport } from './run-report.ts';
import { VERDICT_TITLES } from './tell-run.ts';
import { clip, formatTime } from './words.ts';

/** The colour of a verdict, as a class. */
export const TONES: Readonly<Record<RunReport['verdict'], string>> = {
  committed: 'good',
  'rolled-back': 'turn',
  'failed-clean': 'turn',
  stopped: 'warn',
  stuck: 'bad',
  closed: 'plain',
  open: 'warn',
};

const MARKS: Readonly<Record<RunReport['verdict'], string>> = {
  committed: '✓',
  'rolled-back': '↶',
  'failed-clean': '○',
  stopped: '■',
  stuck: '✗',
  closed: '–',
  open: '…',
};

/** What is true now, what that promises, and what to do next. */
export function verdictMarkup(report: RunReport): Markup {
  const server = report.servers[0];
  const facts: readonly (readonly [string, string])[] = [
    ['Server', server === undefined ? 'not met' : clip(serverInWords(server), 300)],
    ['Started', formatTime(report.started_at)],
    ['Took', report.duration_ms === null ? 'not ended' : formatDuration(report.duration_ms)],
    ['Exit code', report.exit_code === null ? 'none yet' : String(report.exit_code)],
  ];
  const [glyph, title] = [MARKS[report.verdict], VERDICT_TITLES[report.verdict]];
  const [firstWord = ''] = title.split(/[ :,]/);
  const badge = report.sentence.startsWith(firstWord) ? undefined : html`<p class="badge">${title}</p>`;
  const means = report.exit_code === null ? 'Until it ends' : `Exit ${report.exit_code}`;
  return html`<header class="verdict ${TONES[report.verdict]}">
    <p class="eyebrow">
      <strong class="wrap">${clip(report.plan.name, 200)}</strong> <span>run <code>${report.run}</code></span>
    </p>
    <div class="title">
      <span class="seal" role="img" aria-label="${title}">${glyph}</span>
      <div>
        ${badge}
        <h1 class="wrap ${report.sentence.length > 90 ? 'long' : ''}">${headline(clip(report.sentence, 2_000))}</h1>
        <p class="promise">${means}: ${prose(report.promise)}.</p>
      </div>
    </div>
    <dl class="facts">
      ${facts.map(
        ([name, value]) =>
          html`<div>
            <dt>${name}</dt>
            <dd>${value}</dd>
          </div>`,
      )}
    </dl>
    ${nextMarkup(report)}
  </header>`;
}

/** Where it does not fit on one line it breaks behind the colon, between what happened and what is true. */
function headline(sentence: string): Markup {
  const [, lead, rest] = /^([^:]{1,40}:) (.{1,60})$/.exec(sentence) ?? [];
  return lead === undefined || rest === undefined ? prose(sentence) : html`${lead} <span>${prose(rest)}</span>`;
}

function placeMarkup({ title, fault }: ActionReport): Markup {
  const why = fault === null ? undefined : html`: ${prose(clip(fault.message, 500))}`;
  return html`<p class="wrap">Look first at <a href="#look-here">${clip(title, 200)}</a>${why}</p>`;
}

/** This page is the whole story already: only the other commands are left to tell. */
function nextMarkup(report: RunReport): Markup | undefined {
  const commands = report.next.slice(0, -1);
  const place = report.actions.find(({ action }) => action === report.needs_person_at);
  const hints = hintsOf(report);
  if (commands.length === 0 && hints.length === 0) return undefined;
  const items = commands.map(({ label, command }) => html`<li>${label}: <code>${clip(command, 500)}</code></li>`);
  return html`<div class="next">
    <h2>What to do next</h2>
    ${place === undefined ? undefined : placeMarkup(place)}
    ${hints.map((hint) => html`<p>${prose(clip(hint, 2_000))}</p>`)}
    <ul>
      ${items}
    </ul>
  </div>`;
}
