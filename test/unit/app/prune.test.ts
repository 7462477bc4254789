import { expect, test } from 'vitest';
import { prunable, type PruneRules } from '../../../src/app/prune.ts';
import type { RunRow, SnapshotInfo } from '../../../src/engines/index.ts';
import type { RunId, SnapshotName } from '../../../src/kernel/index.ts';

const NO_RULES: PruneRules = { olderThanMs: undefined, keepLast: undefined, outcome: undefined };
const NOW = Date.parse('2026-01-10T00:00:00Z');

function taken(day: number, changes: Partial<SnapshotInfo> = {}): SnapshotInfo {
  return {
    name: `day${day}` as SnapshotName,
    scope: { kind: 'databases', databases: ['shop'] },
    state: 'ready',
    run: `run${day}` as RunId,
    takenAt: `2026-01-0${day}T00:00:00Z`,
    tableCount: undefined,
    rowCount: undefined,
    byteCount: undefined,
    declared: [],
    ...changes,
  };
}

function ran(day: number, state: RunRow['state'], snapshots: readonly string[] = []): RunRow {
  return {
    run: `run${day}` as RunId,
    planName: 'upgrade',
    scope: { kind: 'databases', databases: ['shop'] },
    state,
    snapshots: snapshots as readonly SnapshotName[],
    holder: 'somebody',
    openedAt: '2026-01-01T00:00:00Z',
  };
}

const names = (snapshots: readonly SnapshotInfo[]): readonly string[] => snapshots.map(({ name }) => name);

test('without a rule only what is half made goes', () => {
  expect(names(prunable([taken(1), taken(2, { state: 'partial' })], [], NO_RULES, NOW))).toEqual(['day2']);
});

test('what was wanted for a time goes when that is over, unless it is among the newest that are to stay', () => {
  const snapshots = [
    taken(1, { keepUntil: '2026-01-10T00:00:00.001Z' }),
    taken(2, { keepUntil: '2026-01-10T00:00:00.000Z' }),
    taken(3),
    taken(4, { keepUntil: '2026-01-05T00:00:00.000Z' }),
  ];
  expect(names(prunable(snapshots, [], NO_RULES, NOW))).toEqual(['day2', 'day4']);
  expect(names(prunable(snapshots, [], { ...NO_RULES, keepLast: 1 }, NOW))).toEqual(['day1', 'day2', 'day3']);
  expect(names(prunable(snapshots, [ran(4, 'open')], NO_RULES, NOW))).toEqual(['day2']);
});

test('what is needed by an open or stuck run, is being restored from, or is not ours, stays', () => {
  const snapshots = [taken(1), taken(2), taken(3, { state: 'restoring' }), taken(4, { run: undefined }), taken(5)];
  const runs = [ran(1, 'open'), ran(7, 'stuck', ['day2'])];
  expect(names(prunable(snapshots, runs, { ...NO_RULES, olderThanMs: 0 }, NOW))).toEqual(['day5']);
});

test('all rules that are given must hold, and the newest are spared', () => {
  const snapshots = [taken(1), taken(2), taken(3), taken(9)];
  const runs = [ran(1, 'committed'), ran(2, 'rolled-back'), ran(3, 'committed'), ran(9, 'committed')];
  const rules = { olderThanMs: 2 * 86_400_000, keepLast: 2, outcome: 'committed' } as const;
  expect(names(prunable(snapshots, runs, rules, NOW))).toEqual(['day1']);
});
