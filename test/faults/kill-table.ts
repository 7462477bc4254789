// What a campaign of kills is to reach, and what it reached: phase by phase, with the verdicts.

import type { TestServer } from '../support/servers.ts';
import { canBlock } from './blocker.ts';
import { PHASES, type Ending, type Trial, type TrialEnd } from './kill-trial.ts';

const ENDINGS: readonly Ending[] = ['commits', 'rolls back'];
const PLACES = ENDINGS.flatMap((ending) => PHASES[ending].map((phase) => ({ ending, phase })));

export interface Kill {
  readonly trial: Trial;
  readonly end: TrialEnd;
}

/** A random moment of the phase that was hit least so far; in half of the trials its statement is blocked. */
export function nextTrial(server: TestServer, kills: readonly Kill[], random: () => number): Trial {
  const hits = (phase: string): number => kills.filter(({ end }) => end.cutIn === phase).length;
  const tries = (phase: string): number => kills.filter(({ trial }) => trial.phase === phase).length;
  const phases = [...new Set(PLACES.map(({ phase }) => phase))];
  const [phase = ''] = phases.sort((a, b) => hits(a) - hits(b) || tries(a) - tries(b));
  const endings = PLACES.filter((place) => place.phase === phase).map(({ ending }) => ending);
  const isBlocked = canBlock(server) && (kills.length + Math.floor(tries(phase) / 2)) % 2 === 0;
  const goesOnMs = random() < 0.3 ? 0 : random() * 1_500;
  return {
    ending: endings[tries(phase) % endings.length] ?? 'commits',
    phase,
    part: random() * 1.1,
    secondKillMs: random() < 0.3 ? random() * 1_500 : undefined,
    goesOnMs: isBlocked ? goesOnMs : undefined,
  };
}

/** One line per phase: how often it was hit, how often with a statement blocked, and what was told in the end. */
export function killTable(label: string, kills: readonly Kill[]): string {
  const verdicts = [...new Set(kills.map(({ end }) => end.told))].sort();
  const line = (phase: string, some: readonly Kill[]): readonly string[] => [
    phase,
    String(some.length),
    String(some.filter(({ end }) => end.isBlocked).length),
    ...verdicts.map((verdict) => String(some.filter(({ end }) => end.told === verdict).length)),
    String(some.flatMap(({ end }) => end.lies).length),
  ];
  const places = [...new Set([...PLACES.map(({ phase }) => phase), 'between'])];
  const lines = [
    ['killed in', 'kills', 'blocked', ...verdicts, 'lies'],
    ...places.map((phase) =>
      line(
        phase,
        kills.filter(({ end }) => end.cutIn === phase),
      ),
    ),
    ['all', ...line('', kills).slice(1)],
  ];
  const widths = lines[0]?.map((_, column) => Math.max(...lines.map((cells) => cells[column]?.length ?? 0))) ?? [];
  const rows = lines.map((cells) => `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`);
  const rule = `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`;
  return [`kill -9 on ${label}`, '', ...rows.toSpliced(1, 0, rule)].join('\n');
}
