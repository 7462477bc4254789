// Everything in which one moment differs from a snapshot: objects, definitions, and rows by fingerprint.

import { diffText, type ObjectDifference, type TableRef } from '../../kernel/index.ts';
import type { Session } from '../port.ts';
import { readContent, type TableContent } from './contents.ts';
import type { Extent } from './extent.ts';
import { describe, objectLabel, type DescribedObject, type Description, type Owner } from './objects.ts';
import { columnsText, readRowDifference } from './row-difference.ts';

export interface Comparing {
  readonly session: Session;
  readonly extent: Extent;
  /** The snapshot's name on the server. */
  readonly since: string;
  /** Another snapshot, or undefined for the live data. */
  readonly until: string | undefined;
  /** Whose objects either side shows, where they are not those of the account that logs in. */
  readonly owners?: { readonly since: Owner; readonly until: Owner };
  /** Contents of snapshots, which never change: filled here, kept by whoever wants to. */
  readonly memory: Map<string, TableContent>;
}

export interface Comparison {
  readonly wanted: Description;
  readonly found: Description;
  readonly differences: readonly ObjectDifference[];
  /** Of the tables of `found` that have the columns of the snapshot's. */
  readonly contents: ReadonlyMap<string, TableContent>;
}

/** Above so many rows on both sides together, a difference is told by counts only. */
const ROWS_MAX_TO_JOIN = 500_000;
const SAMPLE_MAX = 20;

export async function compareMoments(comparing: Comparing, signal: AbortSignal): Promise<Comparison> {
  const { session, extent, since, until, owners } = comparing;
  const wanted = await describe(session, extent, since, signal, owners?.since);
  const found = await describe(session, extent, until, signal, owners?.until);
  const differences: ObjectDifference[] = [...databaseDifferences(wanted, found), ...compareObjects(wanted, found)];
  const contents = new Map<string, TableContent>();
  const live = byLabel(found.objects);
  for (const before of wanted.objects) {
    const now = live.get(objectLabel(before));
    if (now === undefined || !isComparable(before, now)) continue;
    const name = objectLabel(before);
    const content = await readContent(session, refOf(now), now.columns, until, signal);
    contents.set(name, content);
    const expected = await snapshotContent(comparing, before, signal);
    if (expected.fingerprint === content.fingerprint) continue;
    const isSmall = expected.rowCount + content.rowCount <= ROWS_MAX_TO_JOIN;
    const request = { before, now, since, until, sampleMax: SAMPLE_MAX };
    const rows = isSmall ? await readRowDifference(session, request, signal) : undefined;
    differences.push({
      object: 'table',
      name,
      what: 'rows',
      expected: rowText(expected.rowCount, content.rowCount),
      found: rowText(content.rowCount, expected.rowCount),
      ...(rows === undefined ? {} : { rows }),
    });
  }
  return { wanted, found, differences, contents };
}

/** What a table held at the snapshot. */
export async function snapshotContent(
  { session, since, memory }: Pick<Comparing, 'session' | 'since' | 'memory'>,
  before: DescribedObject,
  signal: AbortSignal,
): Promise<TableContent> {
  const key = `${since}\0${objectLabel(before)}`;
  const known = memory.get(key) ?? (await readContent(session, refOf(before), before.columns, since, signal));
  memory.set(key, known);
  return known;
}

/** Objects that are on one side only, and definitions that differ. */
export function compareObjects(wanted: Description, found: Description): readonly ObjectDifference[] {
  const [before, now] = [byLabel(wanted.objects), byLabel(found.objects)];
  const differences: ObjectDifference[] = [];
  for (const [name, object] of before) {
    const other = now.get(name);
    if (other === undefined) differences.push({ object: object.kind, name, what: 'missing' });
    else if (object.kind !== other.kind || object.definition !== other.definition) {
      const diff = diffText(object.definition, other.definition);
      const texts = { expected: bounded(object.definition), found: bounded(other.definition), diff };
      differences.push({ object: object.kind, name, what: 'definition', ...texts });
    }
  }
  for (const [name, object] of now) {
    if (!before.has(name)) differences.push({ object: object.kind, name, what: 'extra' });
  }
  return differences;
}

function databaseDifferences(wanted: Description, found: Description): readonly ObjectDifference[] {
  const missing = wanted.databases.filter((name) => !found.databases.includes(name));
  const extra = found.databases.filter((name) => !wanted.databases.includes(name));
  return [
    ...missing.map((name) => ({ object: 'database', name, what: 'missing' }) as const),
    ...extra.map((name) => ({ object: 'database', name, what: 'extra' }) as const),
  ];
}

function isComparable(before: DescribedObject, now: DescribedObject): boolean {
  if (before.kind !== 'table' || now.kind !== 'table' || before.isExternal || now.isExternal) return false;
  return columnsText(before) === columnsText(now);
}

function byLabel(objects: readonly DescribedObject[]): ReadonlyMap<string, DescribedObject> {
  return new Map(objects.map((object) => [objectLabel(object), object]));
}

export function refOf({ database, name }: DescribedObject): TableRef {
  return { database, table: name };
}

const DEFINITION_LENGTH_MAX = 2_000;

function bounded(text: string): string {
  return text.length <= DEFINITION_LENGTH_MAX ? text : `${text.slice(0, DEFINITION_LENGTH_MAX)} [...]`;
}

function rowText(count: number, other: number): string {
  const rows = count === 1 ? '1 row' : `${count} rows`;
  return count === other ? `${rows} with another content` : rows;
}
