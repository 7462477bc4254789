// Puts one database back, again and again: the rows of what was touched from copies of our own, the rest by a restore.

import { Fault, type RestoreEvidence } from '../../../kernel/index.ts';
import type { Session } from '../../port.ts';
import type { ResetEvidence, ResetRequest, Resets, Resetting } from '../../reset-port.ts';
import { quoteName, quoteTable, quoteText } from '../../wire/quote.ts';
import { withoutForeignKeys, parseTableText, printTableText } from '../copying-snapshots/create-table-text.ts';
import { refOf } from '../copying-snapshots/model.ts';
import { openPinned, withPinned, type FamilyServer } from '../copying-snapshots/session-pins.ts';
import { cloneDatabase } from './clone.ts';
import { readDatabase } from './database-content.ts';
import { takeInventory, type Inventory } from './inventory.ts';
import { closeTables } from './open-tables.ts';
import { refuseOpenTransactions } from './open-transactions.ts';
import { lockWaits, putBack, STATE_TABLE } from './put-back.ts';
import { sequencesMoved, restartSequences } from './sequences.ts';
import { Watch, type TouchedTable } from './watch.ts';

export function familyResets(server: FamilyServer): Resets {
  const opened = async (
    request: ResetRequest,
    signal: AbortSignal,
    prepare: (session: Session) => Promise<void>,
  ): Promise<Resetting> => {
    const sessions = await openSessions(server, request, signal);
    const resetting = new FamilyResetting(server, request, sessions);
    try {
      await prepare(resetting.session);
      await resetting.begin(signal);
    } catch (error) {
      await resetting.close();
      throw error;
    }
    return resetting;
  };
  return {
    keepsAutoIncrement: true,
    take: (request, signal) =>
      opened(request, signal, async (session) => {
        await copyAll(session, request, signal);
        await closeTables(server, session, [request.database, request.copyDatabase], signal);
      }),
    reuse: (request, signal) =>
      opened(request, signal, async (session) => {
        await request.restoreAll(signal);
        await session.query(`UPDATE ${stateTable(request)} SET is_unfinished = 0`, { signal });
      }),
    hasCopy: async (copyDatabase, signal) => (await stateOf(server, copyDatabase, signal)) !== undefined,
    isUnfinished: async (copyDatabase, signal) => (await stateOf(server, copyDatabase, signal)) === '1',
    clone: (request, signal) => cloneDatabase(server, request, signal),
    read: (database, signal) => readDatabase(server, database, signal),
  };
}

const SESSION_COUNT = 4;

async function openSessions(server: FamilyServer, request: ResetRequest, signal: AbortSignal) {
  const sessions: Session[] = [];
  const { database } = request;
  try {
    for (let place = 0; place < SESSION_COUNT; place += 1) {
      const wanted = { purpose: 'reset', changes: true, database, takesBatches: true };
      const session = await openPinned(server, wanted, signal);
      sessions.push(session);
      await session.query(lockWaits(request.lockWaitMs), { signal });
    }
    return sessions;
  } catch (error) {
    await Promise.all(sessions.map((session) => session.close()));
    throw error;
  }
}

/** What the note beside the copies says; undefined where there is no copy, or one that was not completed. */
function stateOf(server: FamilyServer, copyDatabase: string, signal: AbortSignal): Promise<string | undefined> {
  return withPinned(server, { purpose: 'baseline state', changes: false }, signal, async (session) => {
    const there = `SELECT 1 FROM information_schema.tables
      WHERE table_schema = ${quoteText(copyDatabase)} AND table_name = ${quoteText(STATE_TABLE)}`;
    if ((await session.query(there, { signal })).rows.length === 0) return undefined;
    const { rows } = await session.query(`SELECT is_unfinished FROM ${stateTable({ copyDatabase })}`, { signal });
    return rows[0]?.[0] ?? undefined;
  });
}

function stateTable({ copyDatabase }: Pick<ResetRequest, 'copyDatabase'>): string {
  return `${quoteName(copyDatabase)}.${quoteName(STATE_TABLE)}`;
}

/** Copies of the tables without what is of no use in them: foreign keys would reach into the live world. */
async function copyAll(session: Session, request: ResetRequest, signal: AbortSignal): Promise<void> {
  const copy = quoteName(request.copyDatabase);
  await session.query(`DROP DATABASE IF EXISTS ${copy}`, { signal });
  await session.query(`CREATE DATABASE ${copy}`, { signal });
  await session.query(`CREATE TABLE ${stateTable(request)} (is_unfinished TINYINT NOT NULL)`, { signal });
  const { tables } = await takeInventory(session, request.database, signal);
  for (const { table } of tables.values()) {
    if (table.isVersioned) continue;
    const text = withoutForeignKeys(parseTableText(table.definition));
    await session.query(printTableText(request.copyDatabase, table.name, text), { signal });
    const columns = table.columns.map(({ name }) => quoteName(name)).join(', ');
    const to = quoteTable({ database: request.copyDatabase, table: table.name });
    await session.query(`INSERT INTO ${to} (${columns}) SELECT ${columns} FROM ${quoteTable(refOf(table))}`, {
      signal,
    });
  }
  // Last: a copy without this row is one that was not completed.
  await session.query(`INSERT INTO ${stateTable(request)} VALUES (0)`, { signal });
}

interface PuttingBack {
  readonly watch: Watch;
  readonly inventory: Inventory;
  readonly tables: readonly TouchedTable[];
}

class FamilyResetting implements Resetting {
  readonly #server: FamilyServer;
  readonly #request: ResetRequest;
  readonly #sessions: readonly Session[];
  #inventory: Inventory | undefined;
  #watch: Watch | undefined;
  #isBusy = false;

  constructor(server: FamilyServer, request: ResetRequest, sessions: readonly Session[]) {
    this.#server = server;
    this.#request = request;
    this.#sessions = sessions;
  }

  get session(): Session {
    const [first] = this.#sessions;
    if (first === undefined) throw new Fault('CONNECTION_LOST', 'the sessions of this baseline are closed');
    return first;
  }

  async begin(signal: AbortSignal): Promise<void> {
    const { database, autoIncrement } = this.#request;
    const inventory = await takeInventory(this.session, database, signal);
    this.#inventory = inventory;
    const isExact = autoIncrement === 'exact';
    this.#watch = new Watch({ server: this.#server, session: this.session, inventory, isExact });
    await restartSequences(this.session, inventory, signal);
    await this.#watch.begin(signal);
  }

  async reset(assertHeld: () => Promise<void>, signal: AbortSignal): Promise<ResetEvidence> {
    if (this.#isBusy) throw new Fault('NOT_QUIET', `a reset of ${this.#request.database} is under way already`);
    this.#isBusy = true;
    try {
      return await this.#reset(assertHeld, signal);
    } finally {
      this.#isBusy = false;
    }
  }

  async #reset(assertHeld: () => Promise<void>, signal: AbortSignal): Promise<ResetEvidence> {
    const { database } = this.#request;
    const [watch, inventory] = [this.#watch, this.#inventory];
    if (watch === undefined || inventory === undefined) {
      await assertHeld();
      return this.#restore(signal);
    }
    const refuse = (): Promise<void> => refuseOpenTransactions(this.#server, this.session, database, signal);
    const [touched] = await Promise.all([watch.touched(refuse, signal), assertHeld()]);
    switch (touched.kind) {
      case 'nothing':
        return { kind: 'untouched', tables: [] };
      case 'definitions':
        return this.#restore(signal);
      case 'rows':
        return this.#putRowsBack({ watch, inventory, tables: touched.tables }, signal);
    }
  }

  async #putRowsBack({ watch, inventory, tables }: PuttingBack, signal: AbortSignal): Promise<ResetEvidence> {
    const { copyDatabase, autoIncrement, lockWaitMs } = this.#request;
    const [server, sessions, isExact] = [this.#server, this.#sessions, autoIncrement === 'exact'];
    const isMoved = await sequencesMoved(this.session, inventory, signal);
    if (isMoved) await restartSequences(this.session, inventory, signal);
    const { wroteRows } = await putBack({ server, sessions, copyDatabase, isExact, lockWaitMs }, tables, signal);
    const names = tables.map(({ table }) => table.name);
    await watch.trust(names, { wroteRows: wroteRows && !isMoved }, signal);
    return { kind: names.length === 0 ? 'untouched' : 'rows', tables: names };
  }

  async #restore(signal: AbortSignal): Promise<ResetEvidence> {
    // Nothing is known until it has succeeded: a reset after one that failed restores again.
    this.#watch = undefined;
    const evidence: RestoreEvidence | undefined = await this.#request.restoreAll(signal);
    await this.begin(signal);
    return { kind: 'restored', tables: evidence?.restored ?? [] };
  }

  async close(): Promise<void> {
    const { database, copyDatabase } = this.#request;
    try {
      if (this.session.isOpen) await closeTables(this.#server, this.session, [database, copyDatabase]);
    } finally {
      await this.#closeSessions();
    }
  }

  async #closeSessions(): Promise<void> {
    await Promise.all(this.#sessions.map((session) => session.close()));
  }
}
