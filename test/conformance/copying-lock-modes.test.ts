// `lock: held` and `lock: brief` while others write: on a real MariaDB and MySQL.

import { describe, expect, onTestFinished, test } from 'vitest';
import { createDatabase, describeEachEngine, logicalDump, openClient, runStatements } from '../support/servers.ts';
import type { SqlClient, TestServer } from '../support/servers.ts';
import { afterLocking, slowCopies } from './slow-copies.ts';
import { catching, connectorTo, databaseScope, effect, openStore, shadowsOf, specOf, storeOn } from './store-on.ts';

const WRITERS = 10;
const TABLES = ['savings', 'current', 'brokerage'] as const;
const ACCOUNTS = 3_000;
const EACH = 1_000;

/** A bank whose tables add up to the same sum after every transaction. */
async function openBank(server: TestServer) {
  const { name, url } = await createDatabase(server, 'bank');
  const digits = 'SELECT 0 AS n UNION SELECT 1 UNION SELECT 2 UNION SELECT 3 UNION SELECT 4 UNION SELECT 5';
  const numbers = `SELECT a.n + 6 * b.n + 36 * c.n + 216 * d.n + 1296 * e.n AS id
    FROM (${digits}) a, (${digits}) b, (${digits}) c, (${digits}) d, (${digits}) e`;
  await runStatements(url, [
    ...TABLES.map((table) => `CREATE TABLE ${table} (id INT PRIMARY KEY, v INT NOT NULL, note VARCHAR(200))`),
    ...TABLES.map(
      (table) => `INSERT INTO ${table} SELECT id, ${EACH}, REPEAT('x', 200) FROM (${numbers}) AS n
      WHERE id < ${ACCOUNTS}`,
    ),
  ]);
  const spec = specOf(databaseScope(name));
  const connector = connectorTo(server.url);
  onTestFinished(() => connector.closeAll());
  const store = await storeOn(server, connector);
  onTestFinished(() => store.snapshots.drop(spec.name, effect()));
  return { name, url, spec, ...store };
}

async function sumOf(client: SqlClient): Promise<number> {
  const rows = await client.query(
    `SELECT SUM(v) AS sum FROM (${TABLES.map((table) => `SELECT SUM(v) AS v FROM ${table}`).join(' UNION ALL ')}) AS t`,
  );
  return Number(rows[0]?.['sum']);
}

/** How many sessions have this statement under way and wait for a table. */
async function waitingFor(client: SqlClient, sql: string): Promise<number> {
  const rows = await client.query(
    `SELECT 1 FROM information_schema.processlist WHERE info = '${sql}' AND state LIKE '%metadata lock%'`,
  );
  return rows.length;
}

/** Moves money between tables on ten connections until it is stopped. */
async function startWriters(url: string) {
  let isOver = false;
  let transfers = 0;
  const write = async (number: number, client: SqlClient): Promise<void> => {
    for (let round = 0; !isOver; round += 1) {
      const at = (number * 7 + round) % TABLES.length;
      const [from = '', to = ''] = [TABLES[at], TABLES[(at + 1 + (round % 2)) % TABLES.length]];
      const [one, other] = [(number * 307 + round * 31) % ACCOUNTS, (number * 503 + round * 17) % ACCOUNTS];
      try {
        await client.query('BEGIN');
        await client.query(`UPDATE ${from} SET v = v - 5 WHERE id = ${one}`);
        await client.query(`UPDATE ${to} SET v = v + 5 WHERE id = ${other}`);
        await client.query('COMMIT');
        transfers += 1;
      } catch (error) {
        if (!/[Dd]eadlock|Lock wait/.test(String(error))) throw error;
        await client.query('ROLLBACK');
      }
    }
  };
  const clients = await Promise.all(Array.from({ length: WRITERS }, () => openClient(url)));
  const working = Promise.all(clients.map((client, number) => write(number, client)));
  const stop = async (): Promise<void> => {
    isOver = true;
    await working;
    await Promise.all(clients.map((client) => client.close()));
  };
  return { stop, transfers: () => transfers };
}

describeEachEngine(
  (server) => {
    describe.each(['held', 'brief'] as const)('lock: %s', (lock) => {
      test('ten writers go on meanwhile; what comes back is one moment of theirs', async () => {
        const { url, spec, snapshots } = await openBank(server);
        const client = await openClient(url);
        onTestFinished(() => client.close());
        const writers = await startWriters(url);
        await snapshots.create({ ...spec, lock }, effect()).finally(() => writers.stop());
        expect(writers.transfers()).toBeGreaterThan(WRITERS);
        const sums = [await sumOf(client)];
        const { restored } = await snapshots.restore(spec.name, undefined, effect());
        sums.push(await sumOf(client));
        expect({ sums, restored: restored.length }).toEqual({
          sums: Array<number>(2).fill(TABLES.length * ACCOUNTS * EACH),
          restored: TABLES.length,
        });
        expect(await snapshots.compare(spec.name, undefined, effect())).toEqual([]);
      });
    });

    describe('lock: brief', () => {
      async function slowBank(meanwhile: (client: SqlClient, copy: number) => Promise<unknown>) {
        const bank = await openBank(server);
        const client = await openClient(bank.url);
        onTestFinished(() => client.close());
        await client.query('SET SESSION lock_wait_timeout = 1');
        await client.query('SET SESSION innodb_lock_wait_timeout = 1');
        let copies = 0;
        const connector = slowCopies(connectorTo(server.url), async () => {
          copies += 1;
          await meanwhile(client, copies);
        });
        onTestFinished(() => connector.closeAll());
        const { snapshots } = await storeOn(server, connector);
        return { ...bank, snapshots, spec: { ...bank.spec, lock: 'brief' as const } };
      }

      test('nobody waits while rows are copied, and what is written meanwhile is not in the snapshot', async () => {
        const { name, spec, snapshots } = await slowBank(async (client) => {
          for (const table of TABLES) await client.query(`UPDATE ${table} SET v = v + 1`);
          await client.query(`DELETE FROM savings WHERE id = 1`);
        });
        const before = await logicalDump(server.url, [name]);
        await snapshots.create(spec, effect());
        expect(await logicalDump(server.url, [name])).not.toEqual(before);
        await snapshots.restore(spec.name, undefined, effect());
        expect(await logicalDump(server.url, [name])).toEqual(before);
      });

      test('who would alter, empty or rename a table meanwhile waits', async () => {
        const said: string[] = [];
        const { name, spec, snapshots } = await slowBank(async (client, copy) => {
          if (copy > 1) return;
          for (const sql of [
            'ALTER TABLE savings ADD COLUMN later INT',
            'TRUNCATE TABLE current',
            'RENAME TABLE savings TO swap, current TO savings, swap TO current',
          ]) {
            await client.query(sql).catch((error: unknown) => said.push(String(error)));
          }
        });
        const before = await logicalDump(server.url, [name]);
        await snapshots.create(spec, effect());
        expect(said).toEqual(Array<unknown>(3).fill(expect.stringContaining('Lock wait timeout exceeded')));
        expect(await snapshots.compare(spec.name, undefined, effect())).toEqual([]);
        expect(await logicalDump(server.url, [name])).toEqual(before);
      });

      test('who has begun to wait for the lock to empty a table goes first, and the snapshot shows it', async () => {
        const { url, spec } = await openBank(server);
        const [altering, watching] = await Promise.all([openClient(url), openClient(url)]);
        onTestFinished(() => Promise.all([altering.close(), watching.close()]).then(() => undefined));
        let emptied: Promise<unknown> | undefined;
        const connector = afterLocking(connectorTo(server.url), async () => {
          if (emptied !== undefined) return;
          emptied = altering.query('TRUNCATE TABLE current');
          while ((await waitingFor(watching, 'TRUNCATE TABLE current')) === 0);
        });
        onTestFinished(() => connector.closeAll());
        const { snapshots } = await storeOn(server, connector);
        const { rowCount } = await snapshots.create({ ...spec, lock: 'brief' }, effect());
        await emptied;
        expect(rowCount).toEqual(2 * ACCOUNTS);
        expect(await snapshots.compare(spec.name, undefined, effect())).toEqual([]);
      });

      test('a table that is not of InnoDB is refused by name, and nothing has happened', async () => {
        const { name, url, spec, snapshots } = await openBank(server);
        await runStatements(url, ['CREATE TABLE old_log (id INT) ENGINE=MyISAM']);
        const fault = await catching(snapshots.create({ ...spec, lock: 'brief' }, effect()));
        expect({ code: fault.code, message: fault.message }).toEqual({
          code: 'SNAPSHOT_REFUSED',
          message: `\`lock: brief\` needs InnoDB, and table ${name}.old_log is MyISAM: use \`lock: held\``,
        });
        expect(await shadowsOf(server, 'savings')).toEqual([]);
      });

      test('a login that may not make procedures is told so, and nothing has happened', async () => {
        const { name } = await createDatabase(server, 'teller');
        await runStatements(server.url, [`CREATE TABLE ${name}.${name}_t (id INT PRIMARY KEY)`]);
        const user = name.replace('teller', 'u');
        const login = `'${user}'@'localhost'`;
        const data = 'SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, ALTER, INDEX, REFERENCES, LOCK TABLES';
        await runStatements(server.url, [
          `CREATE USER ${login} IDENTIFIED BY 'pw'`,
          `GRANT ALL ON ${name}.* TO ${login}`,
          `GRANT ${data} ON \`sb\\_%\`.* TO ${login}`,
          `GRANT ${data} ON snapback.* TO ${login}`,
        ]);
        onTestFinished(() => runStatements(server.url, [`DROP USER ${login}`]));
        const url = new URL(server.url);
        url.username = user;
        url.password = 'pw';
        const store = await openStore({ ...server, url: url.href });
        const fault = await catching(store.snapshots.create(specOf(databaseScope(name), { lock: 'brief' }), effect()));
        expect({ code: fault.code, hint: fault.hint }).toEqual({
          code: 'SNAPSHOT_REFUSED',
          hint:
            'Nothing was changed. Let an administrator grant ' +
            'CREATE ROUTINE, ALTER ROUTINE and EXECUTE on `sb\\_%`.*, or use `lock: held`.',
        });
        expect(await shadowsOf(server, `${name}_t`)).toEqual([]);
      });
    });
  },
  { engines: ['mariadb', 'mysql'] },
);
