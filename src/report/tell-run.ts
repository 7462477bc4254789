// What a run's state means to a person, in words: nothing here is decided, only said.

import { EXIT_CODES } from '../kernel/index.ts';
import type { ActionKey } from '../journal/index.ts';
import type { ActionReport, InterruptionReport, NextReport, RunReport } from './run-report.ts';
import { listOf, phaseOf } from './words.ts';

/** A verdict as a title. */
export const VERDICT_TITLES: Readonly<Record<RunReport['verdict'], string>> = {
  committed: 'Committed',
  'rolled-back': 'Rolled back and proven',
  'failed-clean': 'Failed, nothing was changed',
  stopped: 'Stopped on purpose',
  stuck: 'Stuck, a person must look',
  closed: 'Closed by a person',
  open: 'Open',
};

/** The facts that the words depend on. */
export interface RunFacts {
  readonly run: string;
  readonly verdict: RunReport['verdict'];
  readonly direction: 'forward' | 'back' | null;
  readonly exit_code: number | null;
  readonly actions: readonly ActionReport[];
  readonly needs_person_at: ActionKey | null;
  /** Why the last process stopped; undefined while it works, and where it died without a word. */
  readonly interruption: InterruptionReport | undefined;
  /** The way back is what a person asked for. */
  readonly wasAsked: boolean;
}

/** What the exit code promises about what the snapshot covers. */
export function promiseOf({ verdict, exit_code, wasAsked }: RunFacts): string {
  if (verdict === 'closed') return 'closed by a person: as that person left it';
  if (verdict === 'rolled-back' && wasAsked) return 'rolled back as asked, and proven: as before the run';
  if (verdict === 'rolled-back') return 'a step failed; rolled back and proven: as before the run';
  if (verdict === 'failed-clean' && exit_code === 4)
    return 'a step failed before it changed anything: as before the run';
  return EXIT_CODES[exit_code ?? 6] ?? '';
}

/** What is true of a run that has no verdict. */
export function openSentence({ direction, actions, interruption }: RunFacts): string {
  const doubtful = titlesOf(actions, 'in-doubt');
  const running = titlesOf(actions, 'running');
  const way = direction === null ? '' : `, going ${direction}`;
  if (interruption !== undefined) {
    const stop = `Open${way}: ${sentenceOf(interruption.fault.message)}`;
    return doubtful === '' ? stop : `${stop} What became of ${doubtful} is not recorded.`;
  }
  if (doubtful !== '') return `Open${way}: what became of ${doubtful} is not recorded.`;
  if (running !== '') return `Open${way}: at ${running}, or its process has died there.`;
  return `Open${way}: between two actions.`;
}

/** What to type next, the most useful first; the last one is always the whole story. */
export function nextCommands(facts: RunFacts): readonly NextReport[] {
  const { run } = facts;
  return [...waysOut(facts), { label: 'The whole story', command: `snapback report ${run} --format html` }];
}

function waysOut({ run, verdict, direction, exit_code, actions, needs_person_at }: RunFacts): readonly NextReport[] {
  const close = { label: 'Take over by hand', command: `snapback close ${run} --because TEXT` };
  const rollback = { label: 'Go back', command: `snapback rollback ${run}` };
  const resume = (label: string): NextReport => ({ label, command: `snapback resume ${run}` });
  switch (verdict) {
    case 'stuck':
      return [resume('Try the way back again'), close];
    case 'stopped':
      return [rollback, close];
    case 'committed':
      return holdsSnapshot(actions) ? [rollback] : [];
    case 'open': {
      if (exit_code === 7 && needs_person_at !== null) {
        const settle = `snapback resume ${run} --settle ${stepName(needs_person_at)}=done|undone`;
        return [{ label: 'Say what happened', command: settle }, rollback, close];
      }
      const goOn = direction === null ? 'Go on' : `Go on, ${direction === 'back' ? 'back' : 'forward'}`;
      return direction === 'back' ? [resume(goOn)] : [resume(goOn), rollback];
    }
    case 'rolled-back':
    case 'failed-clean':
    case 'closed':
      return [];
  }
}

/** Whether a snapshot of this run is still on the server, as far as the journal tells. */
function holdsSnapshot(actions: readonly ActionReport[]): boolean {
  const dropped = new Set(actions.flatMap(({ evidence }) => (evidence?.kind === 'drop' ? evidence.snapshots : [])));
  return actions.some(({ evidence }) => evidence?.kind === 'snapshot' && !dropped.has(evidence.name));
}

function stepName(action: ActionKey): string {
  return phaseOf(action) === 'steps' ? action.replace(/^steps\//, '') : action;
}

function titlesOf(actions: readonly ActionReport[], state: ActionReport['state']): string {
  return listOf(
    actions.filter((action) => action.state === state).map(({ title }) => title),
    3,
  );
}

/** With a full stop. */
export function sentenceOf(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
