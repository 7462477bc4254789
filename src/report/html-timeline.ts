// What happened, in the order in which it did: actions, retries and waits, and what came between them.

import { formatDuration } from '../kernel/index.ts';
import { attemptInWords } from './action-details.ts';
import { turnOf } from './action-lines.ts';
import { summaryOf } from './describe-evidence.ts';
import { detailMarkup } from './html-detail.ts';
import { html, Markup, prose } from './html-template.ts';
import { moreMarkup, type Limits } from './html-table.ts';
import type { ActionReport, ActionState, ProcessReport, RunReport } from './run-report.ts';
import { TimeScale, type Segment } from './time-scale.ts';
import { clip, countOf, formatCount, formatTime, listOf } from './words.ts';

const MARKS: Readonly<Record<ActionState, { readonly glyph: string; readonly tone: string; readonly word: string }>> = {
  succeeded: { glyph: '✓', tone: 'good', word: 'succeeded' },
  failed: { glyph: '✗', tone: 'bad', word: 'failed' },
  skipped: { glyph: '–', tone: 'plain', word: 'skipped' },
  running: { glyph: '…', tone: 'warn', word: 'under way' },
  'in-doubt': { glyph: '?', tone: 'warn', word: 'in doubt' },
  'not-reached': { glyph: '·', tone: 'plain', word: 'not reached' },
};

/** Longer runs are told with what went well folded away. */
const ITEMS_MAX = 30;
const FOLD_MIN = 5;

interface Item {
  readonly ms: number;
  readonly markup: Markup;
  /** Of an action of which there is nothing to say but that it went well. */
  readonly dull?: ActionReport;
}

/** From top to bottom, with what went wrong where it went wrong. */
export function timelineMarkup(report: RunReport, limits: Limits): Markup {
  const scale = new TimeScale(report);
  const reached = report.actions.filter(({ state }) => state !== 'not-reached');
  const turn = turnOf(report);
  const acted = reached.flatMap((action): readonly Item[] => {
    const ms = action.started_at === null ? scale.endMs : Date.parse(action.started_at);
    const turned = action === turn?.before ? [{ ms, markup: turnMarkup(turn.row.text, limits) }] : [];
    const item = { ms, markup: actionMarkup(action, scale, limits, action.action === report.needs_person_at) };
    return [...turned, isDull(action) ? { ...item, dull: action } : item];
  });
  const items = [...acted, ...eventsOf(report, scale, limits)].sort((a, b) => a.ms - b.ms);
  const shown = items.length > ITEMS_MAX ? folded(items, scale, limits) : items.map(({ markup }) => markup);
  return html`<div class="card timeline">
    ${axisMarkup(report, scale)}
    <ol class="story">
      ${[...shown.slice(0, limits.rows), ...notReached(report, limits)]}
    </ol>
    ${moreMarkup(shown.length - limits.rows)}
  </div>`;
}

function axisMarkup(report: RunReport, scale: TimeScale): Markup {
  const gaps = scale.gaps.filter(({ from, to }) => scale.at(to) - scale.at(from) > 0.5 && to - from > 60_000);
  const cut = gaps.length === 0 ? '' : `, ${countOf(gaps.length, 'pause')} cut short`;
  return html`<p class="axis">
    <span>${formatTime(report.started_at).slice(11)}</span>
    <span>${formatDuration(scale.endMs - scale.startMs)} later${cut}</span>
  </p>`;
}

function actionMarkup(action: ActionReport, scale: TimeScale, limits: Limits, isLookedFor: boolean): Markup {
  const { glyph, tone, word } = MARKS[action.state];
  const took =
    action.duration_ms === null ? undefined : html`<span class="took">${formatDuration(action.duration_ms)}</span>`;
  const since =
    action.started_at === null ? '' : `after ${formatDuration(Date.parse(action.started_at) - scale.startMs)}`;
  const kind = action.kind === null || action.kind === action.title ? '' : action.kind;
  const about = [kind, since].filter((text) => text !== '').join(' · ');
  const place = isLookedFor ? html` id="look-here"` : undefined;
  return html`<li class="${tone}" ${place}>
    <span class="mark" role="img" aria-label="${word}">${glyph}</span>
    <div class="head">
      <h3>${clip(action.title, 200)}</h3>
      <span class="kind">${about}</span>${took}
    </div>
    <p class="wrap">${clip(summaryOf(action), limits.text)}</p>
    ${tracksMarkup(scale.segmentsOf(action))}${attemptsMarkup(action, limits)}${detailMarkup(action, limits)}
  </li>`;
}

/** When it was, as bars. The words beside it say the same. */
function tracksMarkup(segments: readonly Segment[]): Markup {
  const bars = segments.map(({ kind, left, width }) => {
    const place = `left:${left.toFixed(2)}%;width:${width.toFixed(2)}%`;
    return html`<i class="${kind}" style="${place}"></i>`;
  });
  return html`<div class="track" aria-hidden="true">${bars}</div>`;
}

function attemptsMarkup({ failed_attempts }: ActionReport, { text }: Limits): readonly Markup[] {
  return failed_attempts
    .slice(0, 20)
    .map((failed) => html`<p class="soft wrap retry">${clip(attemptInWords(failed), text)}</p>`);
}

function turnMarkup(text: string, limits: Limits): Markup {
  return eventMarkup({ tone: 'turn', glyph: '↶', title: 'rollback', when: '', text }, limits);
}

interface Event {
  readonly tone: string;
  readonly glyph: string;
  readonly title: string;
  readonly when: string;
  readonly text: string;
}

function eventMarkup({ tone, glyph, title, when, text }: Event, limits: Limits): Markup {
  const took = when === '' ? undefined : html`<span class="took">${when}</span>`;
  return html`<li class="${tone}">
    <span class="mark" aria-hidden="true">${glyph}</span>
    <div class="head">
      <h3>${title}</h3>
      ${took}
    </div>
    <p class="wrap">${prose(clip(text, limits.text))}</p>
  </li>`;
}

/** What came between the actions. */
function eventsOf(report: RunReport, scale: TimeScale, limits: Limits): readonly Item[] {
  const stops = report.interruptions.map(({ time, fault }) => {
    return { time, tone: 'warn', glyph: '!', title: 'stopped', text: fault.message };
  });
  const asked = report.rollbacks_asked.map(({ time, because }) => {
    return { time, tone: 'turn', glyph: '↶', title: 'rollback asked', text: because };
  });
  const taken = report.processes.slice(1).map((taker, at) => {
    const gap = scale.gaps[at];
    const text = takenInWords(taker, gap === undefined ? 0 : gap.to - gap.from);
    return { time: taker.time, tone: 'plain', glyph: '▸', title: 'taken up again', text };
  });
  const ended = report.quiet
    .filter(({ sessions_ended, programs_ended }) => sessions_ended + programs_ended > 0)
    .map(({ time, sessions_ended, programs_ended }) => {
      const text = `${countOf(sessions_ended, 'session')} and ${countOf(programs_ended, 'program')} of before ended`;
      return { time, tone: 'plain', glyph: '■', title: 'made quiet', text };
    });
  return [...stops, ...asked, ...taken, ...ended].map(({ time, ...event }) => {
    return { ms: Date.parse(time), markup: eventMarkup({ ...event, when: formatTime(time) }, limits) };
  });
}

function takenInWords({ because, pid, host }: ProcessReport, idleMs: number): string {
  return `by \`snapback ${because}\`, process ${pid} on ${host}, after ${formatDuration(idleMs)} without any`;
}

function isDull({ state, failed_attempts, evidence, settled_by_person, phase }: ActionReport): boolean {
  if (state !== 'succeeded' || phase !== 'steps' || settled_by_person !== null || failed_attempts.length > 0)
    return false;
  return evidence?.kind === 'sql' || evidence?.kind === 'run' || evidence?.kind === 'verify';
}

/** Long stretches in which all went well become one item each, that can be opened. */
function folded(items: readonly Item[], scale: TimeScale, limits: Limits): readonly Markup[] {
  const stretches: Item[][] = [];
  for (const item of items) {
    const last = stretches.at(-1);
    if (last?.[0]?.dull !== undefined && item.dull !== undefined) last.push(item);
    else stretches.push([item]);
  }
  return stretches.flatMap((stretch) => {
    const dull = stretch.flatMap((item) => (item.dull === undefined ? [] : [item.dull]));
    return dull.length < FOLD_MIN ? stretch.map(({ markup }) => markup) : [foldMarkup(dull, scale, limits)];
  });
}

function foldMarkup(actions: readonly ActionReport[], scale: TimeScale, limits: Limits): Markup {
  const took = actions.reduce((sum, { duration_ms }) => sum + (duration_ms ?? 0), 0);
  const lines = actions.slice(0, limits.rows).map((action) => {
    const time = action.duration_ms === null ? '' : formatDuration(action.duration_ms);
    return html`<li>
      <b>${clip(action.title, 200)}</b> ${clip(summaryOf(action), Math.min(300, limits.text))}
      <span class="took">${time}</span>
    </li>`;
  });
  const rest = actions.length - lines.length;
  const more = rest > 0 ? html`<li>and ${formatCount(rest)} more in the JSON report</li>` : undefined;
  const names = `${clip(actions[0]?.title ?? '', 60)} to ${clip(actions.at(-1)?.title ?? '', 60)}`;
  return html`<li class="good">
    <span class="mark" role="img" aria-label="succeeded">✓</span>
    <div class="head">
      <h3>${countOf(actions.length, 'step')}</h3>
      <span class="kind wrap">${names}</span><span class="took">${formatDuration(took)}</span>
    </div>
    ${tracksMarkup([scale.spanOf(actions)])}
    <details class="heap">
      <summary>All went well</summary>
      <ul>
        ${lines}${more}
      </ul>
    </details>
  </li>`;
}

function notReached({ actions }: RunReport, limits: Limits): readonly Markup[] {
  const names = actions.filter(({ state }) => state === 'not-reached').map(({ title }) => clip(title, 200));
  if (names.length === 0) return [];
  return [eventMarkup({ tone: 'plain', glyph: '·', title: 'not reached', when: '', text: listOf(names, 20) }, limits)];
}
