import { FAULTS, formatDuration, type FaultRecord } from '../kernel/index.ts';
import { detailsOf } from './action-details.ts';
import { restoredInWords, summaryOf } from './describe-evidence.ts';
import type { ActionReport, ActionState, RunReport } from './run-report.ts';
import type { Row, TerminalLayout, Tone } from './terminal-layout.ts';
import { countOf, isWayBack } from './words.ts';

const GLYPHS: Readonly<Record<ActionState, readonly [string, Tone]>> = {
  succeeded: ['✓', 'good'],
  failed: ['✗', 'bad'],
  skipped: ['·', 'faint'],
  running: ['…', 'turn'],
  'in-doubt': ['?', 'turn'],
  'not-reached': ['·', 'faint'],
};

/** One action with what is to be said about it. @param isHeard whether what its program printed stands above it. */
export function actionLines(layout: TerminalLayout, action: ActionReport, isHeard = false): readonly string[] {
  return [...layout.row(actionRow(action)), ...layout.details(detailsOf(action, isHeard))];
}

export function actionRow(action: ActionReport): Row {
  const [glyph, tone] = GLYPHS[action.state];
  const failed = action.failed_attempts.length;
  const tried = failed > 0 && action.state === 'succeeded' ? `, after ${countOf(failed, 'failed attempt')}` : '';
  return {
    glyph,
    tone,
    name: action.title,
    text: `${summaryOf(action)}${tried}`,
    right: action.duration_ms === null ? undefined : formatDuration(action.duration_ms),
  };
}

/** The line at which a run turns: what a restore found, or else why it turned. */
export function turnRow(first: ActionReport, why: string): Row {
  const found = first.evidence?.kind === 'restore' ? restoredInWords(first.evidence) : why;
  return { glyph: '↶', tone: 'turn', name: 'rollback', text: found };
}

/** Where a run turned, and the line that says so; undefined for a run that did not. */
export function turnOf({
  actions,
  rollbacks_asked,
  failed_action,
}: RunReport): { readonly before: ActionReport; readonly row: Row } | undefined {
  const before = actions.find(({ action, state }) => isWayBack(action) && state !== 'not-reached');
  if (before === undefined) return undefined;
  const asked = rollbacks_asked.at(-1);
  const failed = actions.find(({ action }) => action === failed_action);
  const why = asked === undefined ? whyTurned(failed?.title) : asked.because;
  return { before, row: turnRow(before, why) };
}

/** Why a run turned, where no restore has told: the failed action. */
export function whyTurned(failedTitle: string | undefined): string {
  return failedTitle === undefined ? 'going back' : `because ${failedTitle} failed`;
}

/** Releasing snapshots is said only when it went wrong: people wait for the verdict then. */
export function isQuietAction({ action, state }: ActionReport): boolean {
  return action === 'auto/release' && state !== 'failed' && state !== 'in-doubt';
}

/** `add-order-currency   run 7f3k   shop on db1:3306, MariaDB 10.11` */
export function headerLines(
  layout: TerminalLayout,
  { plan, run, servers }: Pick<RunReport, 'run' | 'servers'> & { readonly plan: { readonly name: string } },
): readonly string[] {
  const [server] = servers;
  const where = server === undefined ? [] : [serverInWords(server)];
  const parts = [`${plan.name}   run ${run}`, ...where];
  const whole = layout.paragraph(parts.join('   '), 'strong');
  return whole.length === 1 ? whole : parts.flatMap((part) => layout.paragraph(part, 'strong'));
}

/** `shop on db1:3306, MariaDB 10.11` */
export function serverInWords({ label, host, port, database }: RunReport['servers'][number]): string {
  return `${database === null ? '' : `${database} on `}${host}:${port}, ${label}`;
}

const VERDICT_TONES: Readonly<Record<RunReport['verdict'], Tone>> = {
  committed: 'good',
  'rolled-back': 'turn',
  'failed-clean': 'turn',
  stopped: 'turn',
  stuck: 'bad',
  closed: 'plain',
  open: 'turn',
};

/** What is true now, and what to type next. */
export function endingLines(layout: TerminalLayout, report: RunReport): readonly string[] {
  const exit = report.exit_code === null ? '' : ` (exit ${report.exit_code})`;
  const tone = report.exit_code === 0 ? 'good' : VERDICT_TONES[report.verdict];
  return [
    ...layout.paragraph(`${report.sentence}${exit}`, tone),
    ...hintsOf(report).flatMap((hint) => layout.paragraph(hint)),
    ...report.next.flatMap(({ label, command }) => layout.paragraph(`${label}: ${command}`)),
  ];
}

/** Why a run ended before its first step: a server that is not there, a scope that is held. */
export function whyNeverBegun({ verdict, failed_action: failed, interruptions }: RunReport): FaultRecord | undefined {
  return verdict === 'failed-clean' && failed === null ? interruptions.at(-1)?.fault : undefined;
}

/** What to do before any command helps. Where resuming is all there is to do, the commands say it better. */
export function hintsOf({ verdict, interruptions, exit_code }: RunReport): readonly string[] {
  const fault = interruptions.at(-1)?.fault;
  if (verdict !== 'open' || exit_code === null || fault === undefined) return [];
  return FAULTS[fault.code].repeat === 'ask-engine' ? [] : [fault.hint];
}
