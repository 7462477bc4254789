// The same database under another name, on the same server.

import { Fault } from '../../../kernel/index.ts';
import type { Session } from '../../port.ts';
import { quoteName, quoteTable } from '../../wire/quote.ts';
import { describe } from '../copying-snapshots/describe.ts';
import { parseTableText, printTableText } from '../copying-snapshots/create-table-text.ts';
import { labelOf, refOf, tablesOf, type StoredObject, type StoredTable } from '../copying-snapshots/model.ts';
import { createSequence } from '../copying-snapshots/staging.ts';
import { openPinned, underCreationPins, withPinned, type FamilyServer } from '../copying-snapshots/session-pins.ts';

export interface CloneRequest {
  readonly from: string;
  /** Must not be there. */
  readonly to: string;
}

/**
 * @throws {Fault} SNAPSHOT_REFUSED for a program that names the database: it would go on working on the first one;
 *   STATEMENT_FAILED where `to` is there
 */
export async function cloneDatabase(server: FamilyServer, request: CloneRequest, signal: AbortSignal): Promise<void> {
  const { from, to } = request;
  // With a current database, SHOW CREATE VIEW leaves its name out.
  const source = { purpose: 'clone source', changes: false, database: from };
  const { objects } = await withPinned(server, source, signal, (session) =>
    describe(session, { databases: [from], tables: [] }, signal),
  );
  refuseOwnName(objects, from);
  const created = objects.find(({ kind }) => kind === 'database')?.definition;
  await withPinned(server, { purpose: 'clone', changes: true }, signal, async (session) => {
    const options = created?.slice(`CREATE DATABASE ${quoteName(from)}`.length) ?? '';
    await session.query(`CREATE DATABASE ${quoteName(to)}${options}`, { signal });
  });
  const session = await openPinned(server, { purpose: 'clone', changes: true, database: to }, signal);
  try {
    await fill(server, session, { objects, to }, signal);
  } finally {
    await session.close();
  }
}

interface Filling {
  readonly objects: readonly StoredObject[];
  readonly to: string;
}

async function fill(server: FamilyServer, session: Session, { objects, to }: Filling, signal: AbortSignal) {
  for (const object of objects) {
    if (object.kind !== 'sequence') continue;
    await session.query(createSequence({ ...object, database: to }), { signal });
    const place = quoteTable({ database: to, table: object.name });
    await session.query(`SELECT SETVAL(${place}, ${object.nextValue}, 0, ${object.cycleCount})`, { signal });
  }
  for (const table of tablesOf(objects)) {
    await session.query(printTableText(to, table.name, parseTableText(table.definition)), { signal });
  }
  for (const table of tablesOf(objects)) await session.query(copySql(table, to), { signal });
  for (const table of tablesOf(objects)) {
    if (table.autoIncrement === null) continue;
    const place = quoteTable({ database: to, table: table.name });
    await session.query(`ALTER TABLE ${place} AUTO_INCREMENT = ${BigInt(table.autoIncrement)}`, { signal });
  }
  const make = async (object: StoredObject): Promise<void> => {
    if (!('pins' in object)) return;
    await underCreationPins(server, session, object.pins, signal, async () => {
      await session.query(object.definition, { signal });
    });
  };
  const kinds = ['package', 'package-body', 'function', 'procedure'];
  for (const object of objects) if (kinds.includes(object.kind)) await make(object);
  await makeViews(objects, make);
  for (const object of objects) if (object.kind === 'trigger' || object.kind === 'event') await make(object);
}

/** Views may stand on each other: whatever can be created is, until a round creates none. */
async function makeViews(objects: readonly StoredObject[], make: (object: StoredObject) => Promise<void>) {
  let left = objects.filter((object) => object.kind === 'view' && object.isValid);
  while (left.length > 0) {
    const failed: { readonly object: StoredObject; readonly fault: Fault }[] = [];
    for (const object of left) {
      try {
        await make(object);
      } catch (error) {
        if (!(error instanceof Fault) || error.code !== 'STATEMENT_FAILED') throw error;
        failed.push({ object, fault: error });
      }
    }
    const [worst] = failed;
    if (worst !== undefined && failed.length === left.length) throw worst.fault;
    left = left.filter((object) => failed.some((one) => one.object === object));
  }
}

function copySql(table: StoredTable, to: string): string {
  const columns = table.columns.map(({ name }) => quoteName(name)).join(', ');
  const period = table.isVersioned ? ' FOR SYSTEM_TIME ALL' : '';
  const place = quoteTable({ database: to, table: table.name });
  return `INSERT INTO ${place} (${columns}) SELECT ${columns} FROM ${quoteTable(refOf(table))}${period}`;
}

function refuseOwnName(objects: readonly StoredObject[], from: string): void {
  const escaped = from.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const named = new RegExp(`(?:\`${escaped}\`|\\b${escaped})\\s*\\.`, 'i');
  const naming = objects.filter(
    ({ kind, definition }) => kind !== 'table' && kind !== 'database' && kind !== 'grant' && named.test(definition),
  );
  if (naming.length === 0) return;
  const names = naming.map((object) => `${object.kind} ${labelOf(object)}`).join(', ');
  throw new Fault('SNAPSHOT_REFUSED', `a copy of ${from} under another name would still use ${from} in: ${names}`, {
    hint: `Take the name of the database out of their text, or run the tests with one worker.`,
  });
}
