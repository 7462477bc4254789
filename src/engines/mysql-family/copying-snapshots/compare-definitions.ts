// What differs between two descriptions, rows left aside. Pure.

import { canonicalJson, diffText, type Json, type ObjectDifference } from '../../../kernel/index.ts';
import { comparableTable, foreignKeyName, foreignKeysOf, parseTableText } from './create-table-text.ts';
import { labelOf, objectKindOf, type StoredObject, type StoredTable, type StoredTrigger } from './model.ts';

const TEXT_LENGTH_MAX = 300;

export function compareDefinitions(
  wanted: readonly StoredObject[],
  live: readonly StoredObject[],
): readonly ObjectDifference[] {
  const liveByKey = new Map(live.map((object) => [keyOf(object), object]));
  const wantedKeys = new Set(wanted.map(keyOf));
  const differences: ObjectDifference[] = [];
  for (const object of wanted) {
    const own = liveByKey.get(keyOf(object));
    if (own === undefined) differences.push({ object: objectKindOf(object), name: labelOf(object), what: 'missing' });
    else differences.push(...differencesOf(object, own));
  }
  for (const object of live) {
    // A right that was given since takes nothing away; users and their rights are outside of a snapshot.
    if (wantedKeys.has(keyOf(object)) || object.kind === 'grant') continue;
    differences.push({ object: objectKindOf(object), name: labelOf(object), what: 'extra' });
  }
  return differences;
}

/** Two objects with the same key are the same object at two times. */
export function keyOf({ kind, database, name }: StoredObject): string {
  return JSON.stringify([kind, database, name]);
}

/** Whether a statement that creates `wanted` would change nothing. */
export function isSameObject(wanted: StoredObject, live: StoredObject | undefined): boolean {
  return live !== undefined && differencesOf(wanted, live).length === 0;
}

function differencesOf(wanted: StoredObject, live: StoredObject): readonly ObjectDifference[] {
  if (wanted.kind === 'table' && live.kind === 'table') return tableDifferences(wanted, live);
  const place = { object: objectKindOf(wanted), name: labelOf(wanted) };
  const [expected, found] = [comparable(wanted), comparable(live)];
  if (expected !== found) {
    return [
      { ...place, what: 'definition', ...shown(expected, found), diff: diffText(readable(wanted), readable(live)) },
    ];
  }
  if (wanted.kind === 'sequence' && live.kind === 'sequence') {
    const [next, own] = [sequenceState(wanted), sequenceState(live)];
    if (next !== own) return [{ ...place, what: 'auto-increment', expected: next, found: own }];
  }
  return [];
}

function sequenceState({ nextValue, cycleCount }: { nextValue: string; cycleCount: string }): string {
  return cycleCount === '0' ? nextValue : `${nextValue} in cycle ${cycleCount}`;
}

/** Everything that SHOW CREATE says of an object that is no table, one thing a line. */
export function comparable(object: StoredObject): string {
  const lines = [object.definition];
  if ('pins' in object) lines.push(canonicalJson(object.pins as unknown as Json));
  if (object.kind === 'trigger') lines.push(`${object.table} ${object.position}`);
  return lines.join('\n');
}

/** The same as people read it: each variable that the object remembers on a line of its own. */
function readable(object: StoredObject): string {
  const lines = 'pins' in object ? Object.entries(object.pins).map(([name, value]) => `${name}: ${value ?? ''}`) : [];
  const place = object.kind === 'trigger' ? [`on ${object.table}, ${object.position}`] : [];
  return [...place, ...lines.sort(), object.definition].join('\n');
}

function tableDifferences(wanted: StoredTable, live: StoredTable): readonly ObjectDifference[] {
  const name = labelOf(wanted);
  const differences: ObjectDifference[] = [];
  const [expected, found] = [comparableTable(wanted.definition), comparableTable(live.definition)];
  if (expected !== found) differences.push({ object: 'table', name, what: 'definition', ...shown(expected, found) });
  differences.push(...foreignKeyDifferences(wanted, live));
  if (wanted.autoIncrement !== live.autoIncrement) {
    const texts = { expected: wanted.autoIncrement ?? 'none', found: live.autoIncrement ?? 'none' };
    differences.push({ object: 'table', name, what: 'auto-increment', ...texts });
  }
  return differences;
}

/** The foreign keys of a table by name. */
export function foreignKeysByName({ definition }: StoredTable): ReadonlyMap<string, string> {
  return new Map(foreignKeysOf(parseTableText(definition)).map((item) => [foreignKeyName(item), item]));
}

function foreignKeyDifferences(wanted: StoredTable, live: StoredTable): readonly ObjectDifference[] {
  const [expected, found] = [foreignKeysByName(wanted), foreignKeysByName(live)];
  const differences: ObjectDifference[] = [];
  for (const [key, item] of expected) {
    const own = found.get(key);
    const place = { object: 'foreign-key' as const, name: `${labelOf(wanted)}.${key}` };
    if (own === undefined) differences.push({ ...place, what: 'missing' });
    else if (own !== item) differences.push({ ...place, what: 'definition', ...shown(item, own) });
  }
  for (const key of found.keys()) {
    if (!expected.has(key))
      differences.push({ object: 'foreign-key', name: `${labelOf(wanted)}.${key}`, what: 'extra' });
  }
  return differences;
}

/** Only the lines that differ, bounded; and both with a little of what surrounds them. */
function shown(expected: string, found: string) {
  const [wantedLines, foundLines] = [expected.split('\n'), found.split('\n')];
  const only = (lines: readonly string[], others: readonly string[]): string =>
    bounded(lines.filter((line) => !others.includes(line)).join('\n'));
  const diff = diffText(expected, found);
  return { expected: only(wantedLines, foundLines), found: only(foundLines, wantedLines), diff };
}

function bounded(text: string): string {
  return text.length > TEXT_LENGTH_MAX ? `${text.slice(0, TEXT_LENGTH_MAX)}...` : text;
}

/** Triggers of one table as one value: a set is put back as a whole, or its order would be another. */
export function triggerSets(objects: readonly StoredObject[]): ReadonlyMap<string, readonly StoredTrigger[]> {
  const sets = new Map<string, StoredTrigger[]>();
  for (const object of objects) {
    if (object.kind !== 'trigger') continue;
    const table = JSON.stringify([object.database, object.table]);
    sets.set(table, [...(sets.get(table) ?? []), object]);
  }
  return sets;
}
