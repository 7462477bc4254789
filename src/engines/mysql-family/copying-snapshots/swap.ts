// The outage of a restore: what must go goes, and the staged tables take their places.
// Invariant: a table still in staging is one that is not in place yet, so the same steps can be walked after a cut.

import { quoteName, quoteTable, quoteText } from '../../wire/quote.ts';
import { foreignKeysByName, isSameObject, keyOf } from './compare-definitions.ts';
import { describe } from './describe.ts';
import { labelOf, refOf, tablesOf, type StoredObject, type StoredTable } from './model.ts';
import { records, textOf } from './result-rows.ts';
import { change, type Restoring } from './restoring.ts';
import { stagedRef, createSequence } from './staging.ts';
import { stagingDatabase } from './shadow-catalog.ts';

export async function swapTables(restoring: Restoring, wanted: readonly StoredObject[]): Promise<void> {
  const { session, extent, effect } = restoring;
  const { objects: live } = await describe(session, extent, effect.signal);
  await dropStrangers(restoring, wanted, live);
  await dropStrangeKeys(restoring, wanted, live);
  for (const object of wanted) {
    if (object.kind !== 'sequence') continue;
    const own = live.find((candidate) => keyOf(candidate) === keyOf(object));
    if (isSameObject(object, own)) continue;
    await change(restoring, session, createSequence(object).replace(/^CREATE /, 'CREATE OR REPLACE '));
    const sequence = quoteTable({ database: object.database, table: object.name });
    await change(restoring, session, `SELECT SETVAL(${sequence}, ${object.nextValue}, 0, ${object.cycleCount})`);
  }
  const staged = await stillStaged(restoring, tablesOf(wanted));
  if (staged.length === 0) return;
  const inPlace = new Set(tablesOf(live).map(labelOf));
  const replaced = staged.filter((table) => inPlace.has(labelOf(table)));
  if (replaced.length > 0) {
    await change(restoring, session, `DROP TABLE ${replaced.map((table) => quoteTable(refOf(table))).join(', ')}`);
  }
  const moves = staged.map((table) => `${quoteTable(stagedRef(restoring, table))} TO ${quoteTable(refOf(table))}`);
  await change(restoring, session, `RENAME TABLE ${moves.join(', ')}`);
}

/** Tables, views and sequences that the snapshot does not know under this name and kind. */
async function dropStrangers(
  restoring: Restoring,
  wanted: readonly StoredObject[],
  live: readonly StoredObject[],
): Promise<void> {
  const known = new Set(wanted.map(keyOf));
  for (const object of live) {
    if (object.kind !== 'table' && object.kind !== 'view' && object.kind !== 'sequence') continue;
    if (known.has(keyOf(object))) continue;
    const name = quoteTable({ database: object.database, table: object.name });
    await change(restoring, restoring.session, `DROP ${object.kind.toUpperCase()} IF EXISTS ${name}`);
  }
}

/** A foreign key that was not there may need columns that the old table does not have: the swap would fail on it. */
async function dropStrangeKeys(
  restoring: Restoring,
  wanted: readonly StoredObject[],
  live: readonly StoredObject[],
): Promise<void> {
  const liveTables = new Map(tablesOf(live).map((table) => [keyOf(table), table]));
  for (const table of tablesOf(wanted)) {
    const own = liveTables.get(keyOf(table));
    if (own === undefined) continue;
    const expected = foreignKeysByName(table);
    for (const [name, item] of foreignKeysByName(own)) {
      if (expected.get(name) === item) continue;
      const sql = `ALTER TABLE ${quoteTable(refOf(own))} DROP FOREIGN KEY ${quoteName(name)}`;
      await change(restoring, restoring.session, sql);
    }
  }
}

async function stillStaged(
  { session, snapshot, effect }: Restoring,
  tables: readonly StoredTable[],
): Promise<readonly StoredTable[]> {
  const staged: StoredTable[] = [];
  for (const database of new Set(tables.map((table) => table.database))) {
    const staging = quoteText(stagingDatabase(snapshot, database));
    const sql = `SELECT table_name FROM information_schema.tables WHERE table_schema = ${staging}`;
    const names = records(await session.query(sql, { signal: effect.signal }), ['name']).map(({ name }) =>
      textOf(name),
    );
    staged.push(...tables.filter((table) => table.database === database && names.includes(table.name)));
  }
  return staged;
}
