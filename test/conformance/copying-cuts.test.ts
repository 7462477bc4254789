// A client that dies after any statement of a snapshot, a restore or a drop: what it leaves can always be cleared away.

import { expect, onTestFinished, test } from 'vitest';
import type { SnapshotInfo } from '../../src/engines/index.ts';
import { createDatabase, describeEachEngine, logicalDump, runStatements, type TestServer } from '../support/servers.ts';
import { Fault } from '../../src/kernel/index.ts';
import { cuttingConnector, endingConnector } from './cutting-connector.ts';
import {
  connectorTo,
  databaseScope,
  effect,
  notTheCut,
  openStore,
  shadowsOf,
  specOf,
  storeOn,
  type TestStore,
} from './store-on.ts';

const STRIDE = process.env['SNAPBACK_LONG'] === '1' ? 1 : 3;

async function smallDatabase(server: TestServer) {
  const { name: database } = await createDatabase(server, 'cut');
  const table = `${database}_t`;
  await runStatements(server.url, [
    `CREATE TABLE ${database}.${table} (id INT AUTO_INCREMENT PRIMARY KEY, v INT)`,
    `CREATE TABLE ${database}.b (id INT PRIMARY KEY, t INT, FOREIGN KEY (t) REFERENCES ${table} (id))`.replace(
      'REFERENCES ',
      `REFERENCES ${database}.`,
    ),
    `INSERT INTO ${database}.${table} (v) VALUES (1), (2)`,
    `INSERT INTO ${database}.b VALUES (1, 1)`,
    `CREATE VIEW ${database}.v AS SELECT v FROM ${database}.${table}`,
    `CREATE TRIGGER ${database}.tr BEFORE INSERT ON ${database}.b FOR EACH ROW SET @a = 1`,
  ]);
  const store = await openStore(server);
  const spec = specOf(databaseScope(database));
  onTestFinished(() => store.snapshots.drop(spec.name, effect()));
  return { database, table, store, spec, dump: () => logicalDump(server.url, [database]) };
}

/** What `prune` does: everything half made goes, by the name under which it is listed. */
async function clearAway({ snapshots }: TestStore, isOurs: (info: SnapshotInfo) => boolean): Promise<void> {
  for (const info of await snapshots.list(effect().signal)) {
    if (info.state === 'partial' && isOurs(info)) await snapshots.drop(info.name, effect());
  }
}

/** Does the work on connections that are cut after 0, 1, 2 ... changes, until it comes to its end uncut. */
async function cutEverywhere(
  server: TestServer,
  work: (store: TestStore) => Promise<unknown>,
  check: (cutAfter: number) => Promise<void>,
): Promise<number> {
  for (let changes = 0; ; changes += 1) {
    const cut = cuttingConnector(connectorTo(server.url), changes);
    const isDone = await work(await storeOn(server, cut)).then(() => true, notTheCut);
    await cut.closeAll();
    await check(changes);
    if (isDone) return changes;
  }
}

describeEachEngine(
  (server) => {
    test('a drop that is cut anywhere is finished by the next, or by clearing away', async () => {
      const { table, store, spec, dump } = await smallDatabase(server);
      const before = await dump();
      const found = new Set<string | undefined>();
      await store.snapshots.create(spec, effect());
      const cuts = await cutEverywhere(
        server,
        ({ snapshots }) => snapshots.drop(spec.name, effect()),
        async (cutAfter) => {
          found.add((await store.snapshots.find(spec.name, effect().signal))?.state);
          if (cutAfter % 2 === 0) await store.snapshots.drop(spec.name, effect());
          else await clearAway(store, ({ name }) => name === spec.name);
          const isReady = (await store.snapshots.find(spec.name, effect().signal))?.state === 'ready';
          expect({ cutAfter, isReady, shadows: (await shadowsOf(server, table)).length }).toEqual({
            cutAfter,
            isReady: cutAfter === 1 && isReady,
            shadows: isReady ? 1 : 0,
          });
          if (!isReady) await store.snapshots.create(spec, effect());
        },
      );
      expect(cuts).toBeGreaterThan(3);
      expect(found).toEqual(new Set(['ready', 'partial', undefined]));
      expect(await dump()).toEqual(before);
    });

    test('a snapshot that replaces another, cut anywhere: one of both is whole, the rest can go', async () => {
      const { database, table, store, spec, dump } = await smallDatabase(server);
      const hidden = new Set<boolean>();
      let older = await dump();
      let newer = older;
      await store.snapshots.create(spec, effect());
      const tokens = async (): Promise<readonly string[]> =>
        (await shadowsOf(server, table)).map((name) => name.split('_')[1] ?? '');
      const cuts = await cutEverywhere(
        server,
        async ({ snapshots }) => {
          await runStatements(server.url, [`UPDATE ${database}.${table} SET v = v + 1`]);
          newer = await dump();
          await snapshots.create({ ...spec, replace: true }, effect());
        },
        async (cutAfter) => {
          const left = await tokens();
          const isOurs = ({ name }: SnapshotInfo): boolean => left.some((token) => name === `leftover-${token}`);
          hidden.add((await store.snapshots.list(effect().signal)).some(isOurs));
          await clearAway(store, isOurs);
          expect({ cutAfter, shadows: (await tokens()).length }).toEqual({ cutAfter, shadows: 1 });
          await store.snapshots.restore(spec.name, undefined, effect());
          const restored = await dump();
          expect({ cutAfter, isOneMoment: restored === older || restored === newer }).toEqual({
            cutAfter,
            isOneMoment: true,
          });
          older = restored;
        },
      );
      expect(cuts).toBeGreaterThan(10);
      expect(hidden).toEqual(new Set([false, true]));
    });

    // With SNAPBACK_LONG=1 at every statement, otherwise at every third.
    test.each(['held', 'brief', 'none'] as const)(
      'a snapshot (`lock: %s`) whose time is over leaves nothing, whatever it was about to do',
      { timeout: 600_000 },
      async (lock) => {
        const { database, table, store } = await smallDatabase(server);
        const left: string[] = [];
        let isDone = false;
        let places = 0;
        for (; !isDone; places += STRIDE) {
          const end = new AbortController();
          const connector = endingConnector(connectorTo(server.url), places, () =>
            end.abort(new Fault('TIMEOUT', 'its time is over')),
          );
          const spec = specOf(databaseScope(database), { lock });
          const { snapshots } = await storeOn(server, connector);
          isDone = await snapshots.create(spec, effect({ signal: end.signal })).then(
            () => true,
            () => false,
          );
          const found = await store.snapshots.find(spec.name, effect().signal);
          if (!isDone && found !== undefined) left.push(`after ${places} statements: ${found.state}`);
          await store.snapshots.drop(spec.name, effect());
          left.push(...(await shadowsOf(server, table)));
          await connector.closeAll();
        }
        expect({ left, isMany: places > 30 }).toEqual({ left: [], isMany: true });
      },
    );

    test(
      'a restore of a dropped database that is cut anywhere is finished by the next',
      { timeout: 600_000 },
      async () => {
        const { database, table, store, spec, dump } = await smallDatabase(server);
        const before = await dump();
        await store.snapshots.create(spec, effect());
        const lose = [`DROP DATABASE ${database}`, 'DO 1'];
        await runStatements(server.url, lose);
        const cuts = await cutEverywhere(
          server,
          ({ snapshots }) => snapshots.restore(spec.name, undefined, effect()),
          async (cutAfter) => {
            await store.snapshots.restore(spec.name, undefined, effect());
            const staged = (await shadowsOf(server, table)).filter((name) => /_s\d+$/.test(name));
            expect({ cutAfter, dump: await dump(), staged }).toEqual({ cutAfter, dump: before, staged: [] });
            await runStatements(server.url, lose);
          },
        );
        expect(cuts).toBeGreaterThan(10);
        await store.snapshots.restore(spec.name, undefined, effect());
      },
    );
  },
  { engines: ['mariadb', 'mysql'] },
);
