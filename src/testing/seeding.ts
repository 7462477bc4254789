import type { Engine, Resets, Session } from '../engines/index.ts';
import { Fault, sha256 } from '../kernel/index.ts';
import type { BaselineRecord, BaselineStore } from './baseline-store.ts';
import { isEmpty, tablesIn } from './content.ts';
import type { ReadSeed } from './seed.ts';

export interface Seeding {
  readonly engine: Engine;
  readonly resets: Resets;
  readonly store: BaselineStore;
  readonly database: string;
  readonly url: string;
  readonly signal: AbortSignal;
}

export type Seeded = NonNullable<BaselineRecord['seed']>;

/**
 * Runs the seed, unless the record says that it was run on these definitions and its rows are still there.
 *
 * @returns what to remember, and whether it was run now
 * @throws {Fault} GUARD_REFUSED when an earlier seed's rows cannot be told from others
 */
export async function ensureSeeded(
  { engine, resets, store, database, url, signal }: Seeding,
  seed: ReadSeed,
): Promise<{ readonly seeded: Seeded; readonly isNew: boolean }> {
  const record = await store.read(database, signal);
  const earlier = record?.seed;
  if (earlier?.hash === seed.hash) {
    const now = await readHashes(resets, database, signal);
    if (earlier.definitions === now.definitions && earlier.content === now.content) {
      return { seeded: earlier, isNew: false };
    }
  }
  if (earlier !== undefined) await emptyKnown(engine, database, record, signal);
  const wasEmpty = earlier?.wasEmpty ?? (await isEmpty(engine, database, signal));
  const wasBlank = (await tablesIn(engine, database, signal)).length === 0;
  try {
    await seed.run(engine, { url, database }, signal);
  } catch (error) {
    // Half of a seed would stand in the way of the next try.
    if (wasBlank) await createAnew(engine, database, signal);
    throw error;
  }
  const seeded = {
    hash: seed.hash,
    ...(await readHashes(resets, database, signal)),
    wasEmpty,
    wasBlank,
  };
  const tables = await tablesIn(engine, database, signal);
  await store.write({ version: 1, database, tables, seed: seeded }, signal);
  return { seeded, isNew: true };
}

async function readHashes(resets: Resets, database: string, signal: AbortSignal) {
  const { definitions, rows } = await resets.read(database, signal);
  return { definitions: sha256(definitions), content: sha256(rows) };
}

/** Empties the tables that held nothing before the earlier seed. One that it does not know is left alone. */
async function emptyKnown(
  engine: Engine,
  database: string,
  record: BaselineRecord | undefined,
  signal: AbortSignal,
): Promise<void> {
  if (record?.seed?.wasEmpty !== true) {
    throw new Fault(
      'GUARD_REFUSED',
      `${database} held rows before its seed was run: the two cannot be told apart now`,
      {
        hint: `Drop and create ${database}, or go back to the seed and the definitions that it had.`,
      },
    );
  }
  const tables = await tablesIn(engine, database, signal);
  const known = tables.filter((table) => record.tables.includes(table));
  if (record.seed.wasBlank === true) {
    if (known.length === tables.length) return createAnew(engine, database, signal);
    const others = tables.filter((table) => !record.tables.includes(table)).join(', ');
    throw new Fault('GUARD_REFUSED', `${database} holds tables that its seed did not make: ${others}`, {
      hint: `Drop them, or drop and create ${database}, and the new seed is run.`,
    });
  }
  const session = await engine.openSession('seed', database, signal);
  try {
    await session.query('SET SESSION foreign_key_checks=0', { signal });
    if (engine.flavour === 'matrixone') await deleteAll(session, known, signal);
    else for (const table of known) await session.query(`TRUNCATE TABLE ${quoted(table)}`, { signal });
  } finally {
    await session.close();
  }
}

/** For a server that never truncates the parent of a foreign key. All of it or nothing. */
async function deleteAll(session: Session, tables: readonly string[], signal: AbortSignal): Promise<void> {
  await session.query('BEGIN', { signal });
  for (const table of tables) {
    if ((await session.query(`SELECT 1 FROM ${quoted(table)} LIMIT 1`, { signal })).rows.length === 0) continue;
    try {
      await session.query(`DELETE FROM ${quoted(table)}`, { signal });
    } catch (error) {
      if (!(error instanceof Fault) || error.code !== 'STATEMENT_FAILED') throw error;
      throw new Fault('GUARD_REFUSED', `${table} cannot be emptied for another seed: ${error.message}`, {
        hint: 'This server empties no table with a foreign key on itself: drop and create the database.',
        cause: error,
      });
    }
  }
  await session.query('COMMIT', { signal });
}

function quoted(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``;
}

/** The database without anything in it; its own options stay. */
async function createAnew(engine: Engine, database: string, signal: AbortSignal): Promise<void> {
  const session = await engine.openSession('seed', undefined, signal);
  try {
    const name = quoted(database);
    const { rows } = await session.query(`SHOW CREATE DATABASE ${name}`, { signal });
    const [, definition] = rows[0] ?? [];
    if (definition === undefined || definition === null) return;
    await session.query(`DROP DATABASE ${name}`, { signal });
    await session.query(definition, { signal });
  } finally {
    await session.close();
  }
}
