// Triggers, routines, events, and the rights on routines.

import { Fault, type ObjectKind } from '../../../kernel/index.ts';
import type { Session } from '../../port.ts';
import { quoteName, quoteText } from '../../wire/quote.ts';
import { creationPinsOf } from './describe-tables.ts';
import { isNamed } from './exact-name.ts';
import type { RoutineKind, StoredEvent, StoredGrant, StoredRoutine, StoredTrigger } from './model.ts';
import { readOrNote, type Notes } from './readable.ts';
import { cellOf, records, textOf } from './result-rows.ts';

/** In the order in which they fire; of the tables in `only` where it is given. */
export async function describeTriggers(
  session: Session,
  database: string,
  only: readonly string[] | undefined,
  notes: Notes,
  signal: AbortSignal,
): Promise<readonly StoredTrigger[]> {
  const listed = await session.query(
    `SELECT trigger_name, event_object_table, action_timing, event_manipulation, action_order
     FROM information_schema.triggers WHERE ${isNamed('trigger_schema', database)}
     ORDER BY event_object_table, action_timing, event_manipulation, action_order`,
    { signal },
  );
  const triggers: StoredTrigger[] = [];
  for (const row of records(listed, ['name', 'table', 'timing', 'event', 'order'])) {
    const name = textOf(row.name);
    const table = textOf(row.table);
    if (only !== undefined && !only.includes(table)) continue;
    const result = await readOrNote(
      notes,
      { object: 'trigger', name: `${database}.${name}` },
      session.query(`SHOW CREATE TRIGGER ${quoteName(database)}.${quoteName(name)}`, { signal }),
    );
    const definition = result === undefined ? null : cellOf(result, 'SQL Original Statement');
    if (result === undefined || definition === null) continue;
    const position = `${textOf(row.timing)} ${textOf(row.event)} ${textOf(row.order)}`;
    triggers.push({ kind: 'trigger', database, name, table, position, definition, pins: creationPinsOf(result) });
  }
  return triggers;
}

const ROUTINES: Readonly<Record<string, { kind: RoutineKind; object: ObjectKind; column: string }>> = {
  PACKAGE: { kind: 'package', object: 'package', column: 'Create Package' },
  'PACKAGE BODY': { kind: 'package-body', object: 'package', column: 'Create Package Body' },
  FUNCTION: { kind: 'function', object: 'function', column: 'Create Function' },
  PROCEDURE: { kind: 'procedure', object: 'procedure', column: 'Create Procedure' },
};

/** Packages, their bodies, functions and procedures, in this order, each by name. */
export async function describeRoutines(
  session: Session,
  database: string,
  notes: Notes,
  signal: AbortSignal,
): Promise<readonly StoredRoutine[]> {
  const listed = await session.query(
    `SELECT routine_name, routine_type FROM information_schema.routines
     WHERE ${isNamed('routine_schema', database)} ORDER BY routine_name`,
    { signal },
  );
  const rows = records(listed, ['name', 'type']);
  const routines: StoredRoutine[] = [];
  for (const [type, { kind, object, column }] of Object.entries(ROUTINES)) {
    for (const row of rows.filter((candidate) => candidate.type === type)) {
      const name = textOf(row.name);
      const result = await readOrNote(
        notes,
        { object, name: `${database}.${name}` },
        session.query(`SHOW CREATE ${type} ${quoteName(database)}.${quoteName(name)}`, { signal }),
      );
      if (result === undefined) continue;
      const definition = cellOf(result, column);
      // NULL, without an error, is how the servers hide a body from those who may not read it.
      if (definition === null)
        notes.unreadable.push({ object, name: `${database}.${name}`, reason: 'the body is NULL' });
      else routines.push({ kind, database, name, definition, pins: creationPinsOf(result) });
    }
  }
  return routines;
}

export async function describeEvents(
  session: Session,
  database: string,
  notes: Notes,
  signal: AbortSignal,
): Promise<readonly StoredEvent[]> {
  const listed = await session.query(
    `SELECT event_name FROM information_schema.events
     WHERE ${isNamed('event_schema', database)} ORDER BY event_name`,
    { signal },
  );
  const events: StoredEvent[] = [];
  for (const row of records(listed, ['name'])) {
    const name = textOf(row.name);
    const result = await readOrNote(
      notes,
      { object: 'event', name: `${database}.${name}` },
      session.query(`SHOW CREATE EVENT ${quoteName(database)}.${quoteName(name)}`, { signal }),
    );
    if (result === undefined) continue;
    const definition = textOf(cellOf(result, 'Create Event'));
    events.push({ kind: 'event', database, name, definition, pins: creationPinsOf(result) });
  }
  return events;
}

/** Both servers store names in this one table as if their bytes were latin1: an umlaut becomes two characters. */
function takenForLatin1(column: string): string {
  return `CONVERT(CAST(CONVERT(${column} USING latin1) AS BINARY) USING utf8mb4)`;
}

/** Rights on single routines; none, and a note, where the server's table of them may not be read. */
export async function describeGrants(
  session: Session,
  database: string,
  notes: Notes,
  signal: AbortSignal,
): Promise<readonly StoredGrant[]> {
  try {
    const known = `SELECT routine_name FROM information_schema.routines WHERE ${isNamed('routine_schema', database)}`;
    const listed = await session.query(
      `SELECT host, user, IF(routine_name IN (${known}), routine_name, ${takenForLatin1('routine_name')}), routine_type,
         proc_priv FROM mysql.procs_priv WHERE ${quoteText(database)} IN (db, ${takenForLatin1('db')})
       ORDER BY routine_type, routine_name, user, host`,
      { signal },
    );
    return records(listed, ['host', 'user', 'routine', 'type', 'rights']).map((row) => {
      const [host, user, routine] = [textOf(row.host), textOf(row.user), textOf(row.routine)];
      const type = textOf(row.type);
      const all = textOf(row.rights).split(',');
      const rights = all.filter((right) => right !== 'Grant' && right !== '').join(', ') || 'USAGE';
      const grantee = host === '' ? quoteName(user) : `${quoteName(user)}@${quoteName(host)}`;
      const option = all.includes('Grant') ? ' WITH GRANT OPTION' : '';
      const on = `${type} ${quoteName(database)}.${quoteName(routine)}`;
      const definition = `GRANT ${rights} ON ${on} TO ${grantee}${option}`;
      return { kind: 'grant', database, name: `${type.toLowerCase()} ${routine} to ${user}@${host}`, definition };
    });
  } catch (error) {
    if (!(error instanceof Fault) || error.code !== 'PRIVILEGE_MISSING') throw error;
    notes.hasGrants = false;
    return [];
  }
}
