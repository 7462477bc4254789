// One table's content, in a snapshot and now: the pass that shows that they differ shows where, too.

import type { TableRef } from '../../../kernel/index.ts';
import type { ContentComparison, Session } from '../../port.ts';
import { readContent } from '../fingerprint.ts';
import type { StoredTable } from './model.ts';
import { readRowDifference, sidesToGroup } from './row-difference.ts';
import { onBothSides, readGroups, type RowGroups, type Sides } from './row-groups.ts';

/** A table at one moment. */
export interface Place {
  /** Where it is read. */
  readonly ref: TableRef;
  readonly stored: StoredTable;
  /** The fingerprint, where the catalog has it. */
  readonly known: string | undefined;
}

export interface ContentRequest {
  readonly before: Place;
  readonly now: Place;
  readonly sampleMax: number;
}

/** Uses both sessions at the same time. Tables with other columns have another fingerprint. */
export async function compareContent(
  sessions: { readonly session: Session; readonly second: Session },
  { before, now, sampleMax }: ContentRequest,
  signal: AbortSignal,
): Promise<ContentComparison> {
  const tables = { wanted: before.stored, shadow: before.ref, live: now.stored };
  const groups = hasSameColumns(before, now) ? await groupsOf(sessions, { before, now }, signal) : undefined;
  if (groups === 'equal') return { kind: 'equal' };
  const request = { ...tables, sampleMax, isExact: true, second: sessions.second };
  if (groups === undefined) {
    const fingerprints = await onBothSides(bothOf(sessions), { before, now }, (session, place) =>
      fingerprintOf(session, place, signal),
    );
    if (fingerprints.before === fingerprints.now) return { kind: 'equal' };
    return { kind: 'different', rows: await readRowDifference(sessions.session, request, signal) };
  }
  return { kind: 'different', rows: await readRowDifference(sessions.session, { ...request, groups }, signal) };
}

async function groupsOf(
  sessions: { readonly session: Session; readonly second: Session },
  { before, now }: Sides<Place>,
  signal: AbortSignal,
): Promise<Sides<RowGroups> | 'equal' | undefined> {
  const sides = sidesToGroup({ wanted: before.stored, shadow: before.ref, live: now.stored });
  if (sides === undefined) return undefined;
  if (before.known !== undefined) {
    const found = await readGroups(sessions.second, sides.now, signal);
    if (found.fingerprint === before.known) return 'equal';
    return { before: await readGroups(sessions.session, sides.before, signal), now: found };
  }
  const groups = await onBothSides(bothOf(sessions), sides, (session, side) => readGroups(session, side, signal));
  return groups.before.fingerprint === groups.now.fingerprint ? 'equal' : groups;
}

function bothOf({ session, second }: { readonly session: Session; readonly second: Session }): Sides<Session> {
  return { before: session, now: second };
}

async function fingerprintOf(session: Session, { ref, stored, known }: Place, signal: AbortSignal): Promise<string> {
  return known ?? (await readContent(session, ref, stored.columns, stored.isVersioned, signal)).fingerprint;
}

function hasSameColumns({ stored: before }: Place, { stored: now }: Place): boolean {
  const text = ({ columns, isVersioned }: StoredTable): string =>
    JSON.stringify([isVersioned, columns.map(({ name, type }) => [name, type])]);
  return text(before) === text(now);
}
