// Events whose time has come since the snapshot: no server creates them again as they were.

import type { Session } from '../../port.ts';
import { quoteText } from '../../wire/quote.ts';
import { isSameObject, keyOf } from './compare-definitions.ts';
import type { StoredEvent, StoredObject } from './model.ts';

const NAME = '`(?:[^`]|``)*`';
const EVERY = "EVERY (?:'[^']*'|-?\\d+) \\w+(?: STARTS '[^']*')?";
const SCHEDULE = new RegExp(
  `^(CREATE DEFINER ?= ?${NAME}(?:@${NAME})? EVENT ${NAME} ON SCHEDULE ` +
    `(?:AT '([^']*)'|${EVERY} ENDS '([^']*)') ON COMPLETION (NOT )?PRESERVE )(?:ENABLE|DISABLE)\\b`,
);

/** What is wanted as the server can still have it: events that are over are gone, or disabled if they were to stay. */
export async function withoutPastEvents(
  session: Session,
  wanted: readonly StoredObject[],
  live: readonly StoredObject[],
  signal: AbortSignal,
): Promise<readonly StoredObject[]> {
  const ending = wanted.flatMap((object) => {
    const match = object.kind === 'event' ? SCHEDULE.exec(object.definition) : null;
    const end = match?.[2] ?? match?.[3];
    const now = live.find((candidate) => keyOf(candidate) === keyOf(object));
    if (object.kind !== 'event' || match === null || end === undefined || isSameObject(object, now)) return [];
    return [{ event: object, match, end }];
  });
  if (ending.length === 0) return wanted;
  const isOver = ending.map(({ event, end }) => {
    const zone = quoteText(event.pins.timeZone ?? '+00:00');
    return `CONVERT_TZ(${quoteText(end)}, ${zone}, '+00:00') <= UTC_TIMESTAMP()`;
  });
  const { rows } = await session.query(`SELECT ${isOver.join(', ')}`, { signal });
  const over = new Map<StoredObject, RegExpExecArray>();
  for (const [at, { event, match }] of ending.entries()) if (rows[0]?.[at] === '1') over.set(event, match);
  return wanted.flatMap((object) => {
    const match = over.get(object);
    if (match === undefined) return [object];
    return match[4] === undefined ? [disabled(object as StoredEvent, match)] : [];
  });
}

function disabled(event: StoredEvent, [whole, start = '']: RegExpExecArray): StoredEvent {
  return { ...event, definition: `${start}DISABLE${event.definition.slice(whole.length)}` };
}
