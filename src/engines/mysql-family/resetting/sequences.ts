// MariaDB's sequences: what of their cache was used cannot be read, so a baseline begins with an unused one.

import type { Session } from '../../port.ts';
import { quoteName, quoteText } from '../../wire/quote.ts';
import type { StoredSequence } from '../copying-snapshots/model.ts';
import { records, textOf } from '../copying-snapshots/result-rows.ts';
import type { Inventory } from './inventory.ts';

function sequencesOf({ objects }: Inventory): readonly StoredSequence[] {
  return objects.filter((object) => object.kind === 'sequence');
}

function placeOf({ database, name }: StoredSequence): string {
  return `${quoteName(database)}.${quoteName(name)}`;
}

export async function restartSequences(session: Session, inventory: Inventory, signal: AbortSignal): Promise<void> {
  for (const sequence of sequencesOf(inventory)) {
    await session.query(`ALTER SEQUENCE ${placeOf(sequence)} RESTART WITH ${BigInt(sequence.nextValue)}`, { signal });
    if (sequence.cycleCount === '0') continue;
    const { nextValue, cycleCount } = sequence;
    await session.query(`SELECT SETVAL(${placeOf(sequence)}, ${nextValue}, 0, ${BigInt(cycleCount)})`, { signal });
  }
}

/** The first value that is taken writes down that a whole cache is used up. */
export async function sequencesMoved(session: Session, inventory: Inventory, signal: AbortSignal): Promise<boolean> {
  const sequences = sequencesOf(inventory);
  if (sequences.length === 0) return false;
  const parts = sequences.map(
    (sequence) =>
      `SELECT ${quoteText(sequence.name)}, CONCAT(next_not_cached_value, ' ', cycle_count) FROM ${placeOf(sequence)}`,
  );
  const result = await session.query(parts.join(' UNION ALL '), { signal });
  const live = new Map(records(result, ['name', 'state']).map(({ name, state }) => [textOf(name), textOf(state)]));
  return sequences.some(({ name, nextValue, cycleCount }) => live.get(name) !== `${nextValue} ${cycleCount}`);
}
