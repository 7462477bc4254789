import { formatDuration } from '../kernel/index.ts';
import type { JournalRecord } from '../journal/index.ts';
import { attemptInWords } from './action-details.ts';
import { summaryOf } from './describe-evidence.ts';
import type { ActionReport } from './run-report.ts';
import type { Row } from './terminal-layout.ts';
import { countOf, formatTime, isWayBack } from './words.ts';

/** The line that explains a record that is no action's outcome; undefined for those that explain themselves. */
export function explainingRow(record: JournalRecord, title: string): Row | undefined {
  switch (record.kind) {
    case 'attempt-failed': {
      const { attempt, fault, delay_ms } = record;
      return row('↻', title, attemptInWords({ attempt, fault, delay_ms, time: '' }));
    }
    case 'interrupted':
      return row('!', 'stopped', record.fault.message);
    case 'settled-by-person':
      return row('!', title, `${record.as}, says a person`);
    case 'rollback-asked':
      return row('↶', 'rollback', record.because);
    case 'quiet-reached': {
      const ended = endedInWords(record);
      return ended === undefined ? undefined : row('·', 'quiet', ended);
    }
    case 'process-attached': {
      if (record.because === 'run') return undefined;
      return row('·', record.because, `process ${record.pid} on ${record.host} takes the run up`);
    }
    case 'note':
      return row('·', 'note', record.text);
    case 'run-opened':
    case 'server-met':
    case 'session-opened':
    case 'action-intended':
    case 'program-started':
    case 'statement-intended':
    case 'statement-settled':
    case 'action-settled':
    case 'verdict-reached':
    case 'run-closed':
      return undefined;
  }
}

function row(glyph: string, name: string, text: string): Row {
  return { glyph, tone: glyph === '·' ? 'faint' : 'turn', name, text };
}

function endedInWords(ended: { readonly sessions_ended: number; readonly programs_ended: number }): string | undefined {
  const sessions = ended.sessions_ended === 0 ? [] : [countOf(ended.sessions_ended, 'session')];
  const programs = ended.programs_ended === 0 ? [] : [countOf(ended.programs_ended, 'program')];
  const parts = [...sessions, ...programs];
  return parts.length === 0 ? undefined : `${parts.join(' and ')} of earlier processes ended`;
}

/** What an earlier process left, when another takes the run up: why an action is passed over, or asked about. */
export function inheritedRow(action: ActionReport, because: 'resume' | 'rollback'): Row | undefined {
  switch (action.state) {
    case 'succeeded':
    case 'skipped':
    case 'failed': {
      // Who goes back by hand wants to see the way back, and a failed way back is tried again.
      if (because === 'rollback' || (action.state === 'failed' && isWayBack(action.action))) return undefined;
      const at = action.ended_at === null ? 'earlier' : `at ${formatTime(action.ended_at).slice(11)}`;
      const glyph = action.state === 'failed' ? '✗' : '·';
      return { glyph, tone: 'faint', name: action.title, text: `${summaryOf(action)}; recorded ${at}, not done again` };
    }
    case 'running':
    case 'in-doubt':
      return row('?', action.title, `${summaryOf(action)}; what became of it is found out first`);
    case 'not-reached':
      return undefined;
  }
}

/** An action that starts over after its last attempt was left in the dark. */
export function againRow(title: string, attempt: number): Row {
  return row('↻', title, `done again, attempt ${attempt}`);
}

/** What is under way when nothing better is known. */
export function statementText(record: Extract<JournalRecord, { readonly kind: 'statement-intended' }>): string {
  return `statement ${record.index + 1}, ${record.at}: ${record.head}`;
}

/** The right end of a line that is still counting. */
export function elapsedText(ms: number): string {
  return ms < 100 ? '0.0 s' : formatDuration(ms); // The unit stays while it counts.
}
