import { expect, test } from 'vitest';
import { scopeLabel } from '../../src/engines/index.ts';
import { faultOf, freshRun, never, testEngine } from '../support/engines.ts';
import { createDatabase, describeEachEngine, openClient, runStatements } from '../support/servers.ts';
import { databaseScope, effect, openStore, shadowsOf, specOf } from './store-on.ts';

describeEachEngine(
  (server) => {
    test('a copy that a dump or a replica brought along can be dropped, and never restored', async () => {
      const { name: database, url } = await createDatabase(server, 'bound');
      await runStatements(url, ['CREATE TABLE t (id INT PRIMARY KEY)', 'INSERT INTO t VALUES (1), (2)']);
      const run = freshRun();
      const engine = await testEngine(url, { run });
      const held = { run, signal: never, onProgress: () => undefined, assertLocked: () => Promise.resolve() };
      const name = `bound_${run}` as Parameters<typeof engine.snapshots.find>[0];
      const limits = { lock: undefined, maxStallMs: 30_000, maxCopyBytes: 1e9, replace: false };
      const scope = { kind: 'databases', databases: [database] } as const;
      await engine.snapshots.create({ name, scope, ...limits }, held);
      await runStatements(url, [`UPDATE snapback.snapshots SET server = 'elsewhere' WHERE name = '${name}'`]);

      const refusals = [
        await faultOf(engine.snapshots.restore(name, undefined, held)),
        await faultOf(engine.snapshots.compare(name, undefined, held)),
        await faultOf(engine.snapshots.prove(name, undefined, held)),
      ];
      await engine.snapshots.drop(name, held);

      expect(refusals.map(({ code, message }) => [code, message.split(' (')[0]])).toEqual(
        refusals.map(() => ['SNAPSHOT_REFUSED', `snapshot ${name} was taken on another server`]),
      );
      expect({ left: await engine.snapshots.find(name, never), of: scopeLabel(scope) }).toEqual({
        left: undefined,
        of: database,
      });
    });

    test('the rows of a copy are not sent to replicas, those that are put back are', async () => {
      const { name: database, url } = await createDatabase(server, 'unlogged');
      const table = `${database}_t`;
      await runStatements(url, [`CREATE TABLE ${table} (id INT PRIMARY KEY)`, `INSERT INTO ${table} VALUES (1), (2)`]);
      const store = await openStore(server);
      const spec = specOf(databaseScope(database));
      const client = await openClient(url);
      const [start] = await client.query('SHOW BINARY LOG STATUS');

      await store.snapshots.create(spec, effect());
      const shadow = (await shadowsOf(server, table))[0] ?? '';
      await client.query(`DROP TABLE ${table}`);
      await store.snapshots.restore(spec.name, undefined, effect());
      await store.snapshots.drop(spec.name, effect());

      const token = shadow.split('_')[1] ?? '';
      const events = await client.query(`SHOW BINLOG EVENTS IN '${start?.['File']}' FROM ${start?.['Position']}`);
      await client.close();
      const tables = events.flatMap(({ Event_type: type, Info: info }) => {
        const [, place = ''] = (type === 'Table_map' ? /\((.*)\)/.exec(info ?? '') : null) ?? [];
        return place.endsWith(`.${table}`) ? [place.replace(token, '<token>')] : [];
      });
      expect(tables).toEqual([`sb_<token>_s0.${table}`]);
    });
  },
  { engines: ['mysql'] },
);
