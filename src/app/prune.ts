import type { RunRow, SnapshotInfo } from '../engines/index.ts';
import type { AppContext } from './context.ts';
import { withEngine } from './manage-snapshots.ts';

/** All that are given must hold. With none, half-made leftovers go, and what was wanted for a time that is over. */
export interface PruneRules {
  readonly olderThanMs: number | undefined;
  /** So many of the newest stay, whatever the other rules say. */
  readonly keepLast: number | undefined;
  readonly outcome: RunRow['state'] | undefined;
}

/** The snapshots that these rules let go, as the server stands now, oldest first. */
export function findPrunable(url: string, rules: PruneRules, context: AppContext): Promise<readonly SnapshotInfo[]> {
  return withEngine(url, context, async (engine) => {
    const { signal } = context;
    // Snapshots first: the run of each one in this list was entered before it, so it is in the list of runs too.
    const snapshots = await engine.snapshots.list(signal);
    const runs = await engine.runs.list(signal);
    return prunable(snapshots, runs, rules, Date.parse(await engine.serverTime(signal)));
  });
}

/**
 * Only what carries snapback's mark, never what is being restored from, never anything of an open or stuck run.
 *
 * @param nowMs server time, ms since 1970
 */
export function prunable(
  snapshots: readonly SnapshotInfo[],
  runs: readonly RunRow[],
  rules: PruneRules,
  nowMs: number,
): readonly SnapshotInfo[] {
  const needed = runs.filter(({ state }) => state === 'open' || state === 'stuck');
  const free = [...snapshots]
    .sort((one, other) => Date.parse(one.takenAt) - Date.parse(other.takenAt))
    .filter(({ run, state }) => run !== undefined && state !== 'restoring')
    .filter(({ name, run }) => !needed.some((row) => row.run === run || row.snapshots.includes(name)));
  const ready = free.filter(({ state }) => state === 'ready');
  const spared = new Set(rules.keepLast === undefined ? [] : ready.slice(Math.max(0, ready.length - rules.keepLast)));
  const outcomes = new Map(runs.map(({ run, state }) => [run, state]));
  const hasRule = Object.values(rules).some((rule) => rule !== undefined);
  return free.filter((info) => {
    if (info.state === 'partial') return true;
    if (spared.has(info)) return false;
    if (info.keepUntil !== undefined && Date.parse(info.keepUntil) <= nowMs) return true;
    if (!hasRule) return false;
    const { olderThanMs, outcome } = rules;
    if (olderThanMs !== undefined && nowMs - Date.parse(info.takenAt) < olderThanMs) return false;
    return outcome === undefined || (info.run !== undefined && outcomes.get(info.run) === outcome);
  });
}
