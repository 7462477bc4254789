import { expect, test } from 'vitest';
import { scopeLabel } from '../../src/engines/index.ts';
import { faultOf, freshRun, never, testEngine } from '../support/engines.ts';
import { createDatabase, describeEachEngine, runStatements } from '../support/servers.ts';

describeEachEngine(
  (server) => {
    test('a copy that a dump or a replica brought along can be dropped, and never restored', async () => {
      const { name: database, url } = await createDatabase(server, 'bound');
      await runStatements(url, ['CREATE TABLE t (id INT PRIMARY KEY)', 'INSERT INTO t VALUES (1), (2)']);
      const run = freshRun();
      const engine = await testEngine(url, { run });
      const effect = { run, signal: never, onProgress: () => undefined, assertLocked: () => Promise.resolve() };
      const name = `bound_${run}` as Parameters<typeof engine.snapshots.find>[0];
      const limits = { lock: undefined, maxStallMs: 30_000, maxCopyBytes: 1e9, replace: false };
      const scope = { kind: 'databases', databases: [database] } as const;
      await engine.snapshots.create({ name, scope, ...limits }, effect);
      await runStatements(url, [`UPDATE snapback.snapshots SET server = 'elsewhere' WHERE name = '${name}'`]);

      const refusals = [
        await faultOf(engine.snapshots.restore(name, undefined, effect)),
        await faultOf(engine.snapshots.compare(name, undefined, effect)),
        await faultOf(engine.snapshots.prove(name, undefined, effect)),
      ];
      await engine.snapshots.drop(name, effect);

      expect(refusals.map(({ code, message }) => [code, message.split(' (')[0]])).toEqual(
        refusals.map(() => ['SNAPSHOT_REFUSED', `snapshot ${name} was taken on another server`]),
      );
      expect({ left: await engine.snapshots.find(name, never), of: scopeLabel(scope) }).toEqual({
        left: undefined,
        of: database,
      });
    });
  },
  { engines: ['mysql'] },
);
