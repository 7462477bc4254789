// What comes back is the same database: by the server's own dump program, by a dump of ours, and by the rights.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { describeEachEngine, logicalDump, type TestServer } from '../support/servers.ts';
import { programDump } from '../support/program-dump.ts';
import { createRoundTrip, quoted, runIn, type RoundTripDatabases } from './round-trip-databases.ts';
import { connectorTo, databaseScope, effect, specOf, storeOn, type TestStore } from './store-on.ts';
import { wreck, wreckEverything, wrecksOn } from './wrecks.ts';

/** With SNAPBACK_LONG=1 each wreck is tried alone; otherwise every third one is, and all of them together. */
const STRIDE = process.env['SNAPBACK_LONG'] === '1' ? 1 : 3;

function dropping(database: string): string {
  return `DROP DATABASE ${quoted(database)}`;
}

function ownDump(server: TestServer, { live, odd, outside }: RoundTripDatabases): Promise<string> {
  return logicalDump(server.url, [live, odd, outside]);
}

async function dumpsOf(server: TestServer, databases: RoundTripDatabases) {
  const { live, odd, outside } = databases;
  return { own: await ownDump(server, databases), program: await programDump(server, [live, odd, outside]) };
}

describeEachEngine(
  (server) => {
    describe('a snapshot of everything', () => {
      const cleanUp: (() => Promise<void>)[] = [];
      const spec = { ...specOf(databaseScope()), maxStallMs: 60_000 };
      let databases: RoundTripDatabases;
      let store: TestStore;
      let before: Awaited<ReturnType<typeof dumpsOf>>;

      beforeAll(async () => {
        databases = await createRoundTrip(server, (work) => cleanUp.push(work));
        const connector = connectorTo(server.url);
        cleanUp.push(() => connector.closeAll());
        store = await storeOn(server, connector);
        before = await dumpsOf(server, databases);
        const scope = databaseScope(databases.live, databases.odd);
        cleanUp.push(() => store.snapshots.drop(spec.name, effect()));
        await store.snapshots.create({ ...spec, scope }, effect());
      });
      afterAll(async () => {
        for (const work of cleanUp.reverse()) await work();
      });

      test('it changes nothing, and differs in nothing', async () => {
        expect(await store.snapshots.compare(spec.name, undefined, effect())).toEqual([]);
        expect(await dumpsOf(server, databases)).toEqual(before);
      });

      // One after the other on one snapshot: each restore has to leave what the next one starts from.
      const alone = wrecksOn(server).filter((_, index) => index % STRIDE === 0);
      test.each(alone)('a restore undoes: $name', async (how) => {
        await wreck(server, databases, how);
        const wrecked = await ownDump(server, databases).catch(() => 'views without their tables');
        const { destroyed } = await store.snapshots.restore(spec.name, undefined, effect());
        const { differences } = await store.snapshots.prove(spec.name, undefined, effect());
        const isEqual = (await ownDump(server, databases)) === before.own;
        const isSeen = destroyed.length > 0;
        const isWrecked = wrecked !== before.own;
        expect({ isWrecked, isSeen, differences, isEqual }).toEqual({
          isWrecked: true,
          isSeen: true,
          differences: [],
          isEqual: true,
        });
      });

      test.each(['all of it together', 'the loss of all databases'])('a restore undoes %s', async (what) => {
        const { live, odd } = databases;
        if (what === 'all of it together') expect(await wreckEverything(server, databases)).toBeGreaterThan(30);
        else await runIn(server, undefined, ['SET foreign_key_checks = 0', ...[live, odd].map(dropping)]);
        await store.snapshots.restore(spec.name, undefined, effect());
        expect(await dumpsOf(server, databases)).toEqual(before);
        expect((await store.snapshots.prove(spec.name, undefined, effect())).differences).toEqual([]);
      });

      test('the snapshot is dropped without a trace', async () => {
        await store.snapshots.drop(spec.name, effect());
        expect(await store.snapshots.find(spec.name, effect().signal)).toEqual(undefined);
        expect(await dumpsOf(server, databases)).toEqual(before);
      });
    });
  },
  { engines: ['mariadb', 'mysql'] },
);
