import { formatDuration } from '../kernel/index.ts';
import { hintsOf, serverInWords } from './action-lines.ts';
import { checksMarkup, destroyedMarkup, proofMarkup, statementsMarkup } from './html-evidence.ts';
import { storyMarkup } from './html-story.ts';
import { STYLE } from './html-style.ts';
import { html, Markup, prose } from './html-template.ts';
import type { RunReport } from './run-report.ts';
import { VERDICT_TITLES } from './tell-run.ts';
import { clip, countOf, formatTime } from './words.ts';

export interface HtmlOptions {
  /** The plan's diagram as SVG, from our own renderer: it is put in as it is. */
  readonly diagramSvg?: string;
  /** Most bytes of the whole, in UTF-8. */
  readonly bytesMax?: number;
}

/** A page that a phone opens and a mail server lets through. */
export const HTML_BYTES_MAX = 2 * 1024 * 1024;

/** Most rows per table, tried one after another until the page fits. */
const ROWS_MAX = [2_000, 500, 100, 20, 5];

/**
 * One file that needs no network and runs no script: verdict and promise on top, then what happened, then the evidence.
 *
 * Where it would be too big, tables are cut and say so.
 */
export function renderHtml(report: RunReport, options: HtmlOptions = {}): string {
  const bytesMax = options.bytesMax ?? HTML_BYTES_MAX;
  let page = '';
  for (const rowsMax of ROWS_MAX) {
    page = pageMarkup(report, rowsMax, options.diagramSvg).text;
    if (Buffer.byteLength(page) <= bytesMax) return page;
  }
  const first = report.actions.slice(0, 200);
  return pageMarkup({ ...report, actions: first, destroyed: report.destroyed.slice(0, 5) }, 5, undefined).text;
}

const TONES: Readonly<Record<RunReport['verdict'], string>> = {
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

function pageMarkup(report: RunReport, rowsMax: number, diagramSvg: string | undefined): Markup {
  const { plan, run, verdict, actions } = report;
  const sections = [
    actions.length === 0 ? undefined : sectionMarkup('story', 'What happened', storyMarkup(report)),
    checksMarkup(report, rowsMax),
    proofMarkup(report, rowsMax),
    destroyedMarkup(report, rowsMax),
    statementsMarkup(report, rowsMax),
    diagramSvg === undefined ? undefined : diagramMarkup(diagramSvg),
    sectionMarkup('record', 'The record', recordMarkup(report)),
  ].filter((section) => section !== undefined);
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta
          http-equiv="Content-Security-Policy"
          content="default-src 'none'; style-src 'unsafe-inline'; img-src data:"
        />
        <meta name="referrer" content="no-referrer" />
        <title>${VERDICT_TITLES[verdict]}: ${plan.name}, run ${run}</title>
        <style>
          ${new Markup(STYLE)}
        </style>
      </head>
      <body>
        <main>${verdictMarkup(report)} ${sections}</main>
        <footer><p>Made from the journal of run ${run} alone, by snapback ${report.tool_version}.</p></footer>
      </body>
    </html> `;
}

function verdictMarkup(report: RunReport): Markup {
  const server = report.servers[0];
  const facts: readonly (readonly [string, string])[] = [
    ['Server', server === undefined ? 'not met' : serverInWords(server)],
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
        <h1 class="wrap ${report.sentence.length > 90 ? 'long' : ''}">${prose(clip(report.sentence, 2_000))}</h1>
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

/** This page is the whole story already: only the other commands are left to tell. */
function nextMarkup(report: RunReport): Markup | undefined {
  const commands = report.next.slice(0, -1);
  const hints = hintsOf(report);
  if (commands.length === 0 && hints.length === 0) return undefined;
  const items = commands.map(({ label, command }) => html`<li>${label}: <code>${command}</code></li>`);
  return html`<div class="next">
    <h2>What to do next</h2>
    ${hints.map((hint) => html`<p>${prose(hint)}</p>`)}
    <ul>
      ${items}
    </ul>
  </div>`;
}

function sectionMarkup(id: string, title: string, body: Markup): Markup {
  return html`<section aria-labelledby="${id}">
    <h2 id="${id}">${title}</h2>
    ${body}
  </section>`;
}

function diagramMarkup(svg: string): Markup {
  return sectionMarkup('diagram', 'The plan', html`<div class="diagram card">${new Markup(svg)}</div>`);
}

function recordMarkup(report: RunReport): Markup {
  const { plan, journal, processes, quiet, notes, rollbacks_asked, closed_because } = report;
  const vars = Object.entries(plan.vars).map(([name, value]) => `${name} = ${value}`);
  const facts: readonly (readonly [string, readonly string[]])[] = [
    ['Plan', [plan.path]],
    ['Plan digest', [plan.digest]],
    ['Variables', vars],
    ['Servers', report.servers.map((server) => `${serverInWords(server)} (${server.version})`)],
    [
      'Processes',
      processes.map(({ time, pid, host, because }) => `${formatTime(time)}: ${because}, process ${pid} on ${host}`),
    ],
    ['Made quiet', quiet.map(quietInWords)],
    ['Rollback asked', rollbacks_asked.map(({ time, because }) => `${formatTime(time)}: ${because}`)],
    ['Closed because', closed_because === null ? [] : [closed_because]],
    ['Notes', notes.map(({ time, text }) => `${formatTime(time)}: ${text}`)],
    ['Journal', [`${countOf(journal.record_count, 'record')}, the last at ${formatTime(journal.last_time)}`]],
    ['Last hash', [journal.last_hash]],
  ];
  const isMono = new Set(['Plan', 'Plan digest', 'Last hash']);
  const rows = facts
    .filter(([, values]) => values.length > 0)
    .map(([name, values]) => {
      const shown = values.slice(0, 50).map((value) => clip(value, 1_000));
      const lines = shown.map((value) => html`<dd class="${isMono.has(name) ? 'mono' : 'wrap'}">${value}</dd>`);
      return html`<dt>${name}</dt>
        ${lines}`;
    });
  return html`<dl class="record card">${rows}</dl>`;
}

function quietInWords({ time, sessions_ended, programs_ended }: RunReport['quiet'][number]): string {
  const ended = `${countOf(sessions_ended, 'session')} and ${countOf(programs_ended, 'program')} ended`;
  return `${formatTime(time)}: ${ended}`;
}
