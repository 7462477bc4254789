import { serverInWords } from './action-lines.ts';
import { html, Markup } from './html-template.ts';
import type { RunReport } from './run-report.ts';
import { clip, countOf, formatTime } from './words.ts';

const VALUES_MAX = 50;
const TEXT_MAX = 2_000;

/** What the page was made from, and how to check that it was. */
export function recordMarkup(report: RunReport): Markup {
  const { plan, processes, quiet, notes, rollbacks_asked, closed_because } = report;
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
  ];
  const isMono = new Set(['Plan', 'Plan digest']);
  const rows = facts
    .filter(([, values]) => values.length > 0)
    .map(([name, values]) => {
      const rest = values.length - VALUES_MAX;
      const shown = [...values.slice(0, VALUES_MAX), ...(rest > 0 ? [`and ${rest} more in the JSON report`] : [])];
      const lines = shown.map((value) => html`<dd>${valueMarkup(value, isMono.has(name))}</dd>`);
      return html`<dt>${name}</dt>
        ${lines}`;
    });
  return html`${sealMarkup(report)}
    <dl class="record card">${rows}</dl>`;
}

/** A text of several lines, as a plan that was typed, keeps them. */
function valueMarkup(value: string, isMono: boolean): Markup {
  const [name = '', text] = value.split(/ = (?=[^\n]*\n)/, 2);
  if (text !== undefined) {
    return html`${name}
      <pre tabindex="0" role="group" aria-label="${name}">${clip(text.trimEnd(), TEXT_MAX)}</pre>`;
  }
  return html`<span class="${isMono ? 'mono' : 'wrap'}">${clip(value, TEXT_MAX)}</span>`;
}

/** The hash that binds the page, on paper too, to one file. */
function sealMarkup({ run, journal }: RunReport): Markup {
  const groups = journal.last_hash.match(/.{1,8}/g) ?? [];
  return html`<div class="hash card">
    <p>
      This page tells the ${countOf(journal.record_count, 'record')} of the journal <code>${run}.journal</code>, the
      last of them written at ${formatTime(journal.last_time)}. The hash of that record covers it and every record
      before it:
    </p>
    <p class="digits"><code>${groups.map((group) => html`<span>${group}</span>`)}</code></p>
    <p>
      To check this page against its journal, also from paper, type as much of the hash as you like, 8 characters or
      more:
    </p>
    <p><code>snapback report ${run} --hash ${groups.slice(0, 2).join('')}</code></p>
    <p class="soft">
      It reads the journal, computes every hash anew, and says which record carries this one. A journal in which
      anything was changed since has other hashes from there on.
    </p>
  </div>`;
}

function quietInWords({ time, sessions_ended, programs_ended }: RunReport['quiet'][number]): string {
  const isAny = sessions_ended + programs_ended > 0;
  const ended = `${countOf(sessions_ended, 'session')} and ${countOf(programs_ended, 'program')} ended`;
  return `${formatTime(time)}: ${isAny ? ended : 'nothing was left to end'}`;
}
