import { databasesOf, scopeCovers, type Moment, type Scope } from '../engines/index.ts';
import type { SnapshotName, StepId, TableRef } from '../kernel/index.ts';
import type { SnapshotRef } from '../plan/index.ts';

/** A snapshot that checks may compare with. */
export interface Baseline {
  readonly step: string | undefined;
  readonly name: SnapshotName;
  readonly scope: Scope;
}

/** The snapshots that come before a verify step. */
export interface Baselines {
  /** Oldest first. */
  readonly all: readonly Baseline[];
  /** @throws {Fault} SNAPSHOT_MISSING */
  readonly ofRef: (ref: SnapshotRef) => Baseline;
}

/** The snapshot to compare a table with: the one that the check names, else the nearest earlier one that covers it. */
export function baselineFor(baselines: Baselines, since: StepId | undefined, table: TableRef): Baseline | undefined {
  if (since !== undefined) return baselines.ofRef({ kind: 'step', step: since });
  return baselines.all.findLast(({ scope }) => scopeCovers(scope, table));
}

export function momentOf({ name }: Baseline): Moment {
  return { kind: 'snapshot', name };
}

/** Every database that the snapshots cover, and the URL's own. */
export function databasesInSight({ all }: Baselines, urlDatabase: string | undefined): readonly string[] {
  const covered = all.flatMap(({ scope }) => databasesOf(scope));
  return [...new Set(urlDatabase === undefined ? covered : [...covered, urlDatabase])].sort();
}
