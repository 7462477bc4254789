import { checksMarkup, destroyedMarkup, proofMarkup } from './html-evidence.ts';
import { recordMarkup } from './html-record.ts';
import { statementsMarkup } from './html-statements.ts';
import { STYLE } from './html-style.ts';
import type { Limits } from './html-table.ts';
import { html, Markup } from './html-template.ts';
import { timelineMarkup } from './html-timeline.ts';
import { TONES, verdictMarkup } from './html-verdict.ts';
import type { RunReport } from './run-report.ts';
import { VERDICT_TITLES } from './tell-run.ts';
import { clip } from './words.ts';

export interface HtmlOptions {
  /** The plan's diagram as SVG, from our own renderer: it is put in as it is. */
  readonly diagramSvg?: string | undefined;
  /** Most bytes of the whole, in UTF-8. */
  readonly bytesMax?: number;
}

/** A page that a phone opens and a mail server lets through. */
export const HTML_BYTES_MAX = 2 * 1024 * 1024;

/** Tried one after another until the page fits. */
const LIMITS: readonly Limits[] = [
  { rows: 2_000, text: 4_000 },
  { rows: 1_000, text: 2_000 },
  { rows: 500, text: 1_000 },
  { rows: 200, text: 500 },
  { rows: 50, text: 300 },
  { rows: 10, text: 200 },
];

/**
 * One file that needs no network and runs no script: verdict and promise on top, then what happened, then the evidence.
 *
 * Where it would be too big, tables and texts are cut and say so.
 */
export function renderHtml(report: RunReport, options: HtmlOptions = {}): string {
  const bytesMax = options.bytesMax ?? HTML_BYTES_MAX;
  for (const limits of LIMITS) {
    const page = pageMarkup(report, sectionsOf(report, limits, options.diagramSvg)).text;
    if (Buffer.byteLength(page) <= bytesMax) return page;
  }
  const short = html`<p class="card more">This run is too long for a page. Its JSON report holds all of it.</p>`;
  return pageMarkup(report, [short]).text;
}

function sectionsOf(report: RunReport, limits: Limits, diagramSvg: string | undefined): readonly Markup[] {
  return [
    diagramSvg === undefined ? undefined : diagramMarkup(diagramSvg),
    report.actions.length === 0
      ? undefined
      : sectionMarkup('timeline', 'What happened', timelineMarkup(report, limits)),
    statementsMarkup(report, limits),
    checksMarkup(report, limits),
    proofMarkup(report, limits),
    destroyedMarkup(report, limits),
    sectionMarkup('record', 'The record', recordMarkup(report)),
  ].filter((section) => section !== undefined);
}

/** By the ids that sections give their headings. */
const PLACES = [
  ['diagram', 'The path'],
  ['timeline', 'Timeline'],
  ['statements', 'Statements'],
  ['checks', 'Checks'],
  ['proof', 'Proof'],
  ['destroyed', 'Destroyed'],
  ['record', 'Record and hash'],
] as const;

function pageMarkup(report: RunReport, sections: readonly Markup[]): Markup {
  const { plan, run, verdict } = report;
  const there = PLACES.filter(([id]) => sections.some(({ text }) => text.includes(`<h2 id="${id}">`)));
  const links = there.map(([id, name]) => html`<li><a href="#${id}">${name}</a></li>`);
  const contents = html`<nav aria-label="On this page">
    <ul>
      ${links}
    </ul>
  </nav>`;
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta
          http-equiv="Content-Security-Policy"
          content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
        />
        <meta name="referrer" content="no-referrer" />
        <meta name="generator" content="snapback ${report.tool_version}" />
        <title>${VERDICT_TITLES[verdict]}: ${clip(plan.name, 200)}, run ${run}</title>
        <style>
          ${new Markup(STYLE)}
        </style>
      </head>
      <body class="${TONES[verdict]}">
        <main>${verdictMarkup(report)} ${links.length === 0 ? undefined : contents} ${sections}</main>
        <footer><p>Made from the journal of run ${run} alone, by snapback ${report.tool_version}.</p></footer>
      </body>
    </html> `;
}

function sectionMarkup(id: string, title: string, body: Markup): Markup {
  return html`<section aria-labelledby="${id}">
    <h2 id="${id}">${title}</h2>
    ${body}
  </section>`;
}

/** Wide diagrams are scrolled by themselves, by keyboard too. */
function diagramMarkup(svg: string): Markup {
  const body = html`<div class="diagram card" role="group" aria-labelledby="diagram" tabindex="0">
    ${new Markup(svg)}
  </div>`;
  return sectionMarkup('diagram', 'The path that it took', body);
}
