// Foreign keys of databases that are not in the snapshot, and point into it: put right by themselves, or refused.

import { expect, onTestFinished, test } from 'vitest';
import { splitStatements } from '../../src/engines/index.ts';
import { createDatabase, describeEachEngine, logicalDump, runStatements } from '../support/servers.ts';
import { catching, databaseScope, effect, openStore, specOf } from './store-on.ts';

describeEachEngine(
  (server) => {
    async function family() {
      const { name: inside } = await createDatabase(server, 'inside');
      const { name: outside } = await createDatabase(server, 'outside');
      onTestFinished(() => runStatements(server.url, [`DROP TABLE IF EXISTS ${outside}.child`]));
      await runStatements(server.url, [
        `CREATE TABLE ${inside}.parent (id INT PRIMARY KEY, v INT)`,
        `CREATE TABLE ${outside}.child (id INT PRIMARY KEY,
           CONSTRAINT of_parent FOREIGN KEY (id) REFERENCES ${inside}.parent (id) ON DELETE CASCADE)`,
        `INSERT INTO ${inside}.parent VALUES (1, 1), (2, 2)`,
        `INSERT INTO ${outside}.child VALUES (1), (2)`,
      ]);
      const store = await openStore(server);
      const spec = specOf(databaseScope(inside));
      onTestFinished(() => store.snapshots.drop(spec.name, effect()));
      await store.snapshots.create(spec, effect());
      const dump = () => logicalDump(server.url, [inside, outside]);
      const state = async () => (await store.snapshots.find(spec.name, effect().signal))?.state;
      return {
        inside,
        outside,
        spec,
        dump,
        state,
        restore: () => store.snapshots.restore(spec.name, undefined, effect()),
      };
    }

    test.each(['its parent was dropped', 'its whole database was dropped', 'its parent was changed'])(
      'it points at its parent again after a restore, when %s',
      async (how) => {
        const { inside, outside, dump, restore } = await family();
        const before = await dump();
        const say = {
          'its parent was dropped': `DROP TABLE ${inside}.parent`,
          'its whole database was dropped': `DROP DATABASE ${inside}`,
          'its parent was changed': `ALTER TABLE ${inside}.parent DROP v`,
        }[how];
        await runStatements(server.url, ['SET foreign_key_checks = 0', say ?? '']);
        await restore();
        expect(await dump()).toEqual(before);
        await expect(runStatements(server.url, [`INSERT INTO ${outside}.child VALUES (3)`])).rejects.toThrow(
          'foreign key constraint fails',
        );
      },
    );

    test('one that has followed its parent under another name is refused, with the way out', async () => {
      const { inside, outside, dump, state, restore } = await family();
      const before = await dump();
      await runStatements(server.url, [
        `CREATE TABLE ${inside}.next LIKE ${inside}.parent`,
        `RENAME TABLE ${inside}.parent TO ${inside}.old, ${inside}.next TO ${inside}.parent`,
      ]);
      const damaged = await dump();
      const fault = await catching(restore());
      expect({ code: fault.code, message: fault.message }).toEqual({
        code: 'SNAPSHOT_REFUSED',
        message: `${outside}.child.of_parent references ${inside}.old, which the snapshot does not have`,
      });
      expect({ dump: await dump(), state: await state() }).toEqual({ dump: damaged, state: 'ready' });
      const script = splitStatements(fault.hint.slice(fault.hint.indexOf('ALTER TABLE'))).map(({ text }) => text);
      await runStatements(server.url, script);
      await restore();
      await runStatements(server.url, [
        `ALTER TABLE ${outside}.child ADD CONSTRAINT of_parent FOREIGN KEY (id) REFERENCES ${inside}.parent (id)
           ON DELETE CASCADE`,
      ]);
      expect(await dump()).toEqual(before);
    });

    test('one that points at a table made since is refused, and nothing is dropped', async () => {
      const { inside, outside, dump, restore } = await family();
      await runStatements(server.url, [
        `CREATE TABLE ${inside}.made_since (id INT PRIMARY KEY)`,
        `INSERT INTO ${inside}.made_since VALUES (1), (2)`,
        `ALTER TABLE ${outside}.child ADD CONSTRAINT of_new FOREIGN KEY (id) REFERENCES ${inside}.made_since (id)`,
      ]);
      const before = await dump();
      const fault = await catching(restore());
      expect(fault.message).toEqual(
        `${outside}.child.of_new references ${inside}.made_since, which the snapshot does not have`,
      );
      expect(await dump()).toEqual(before);
    });
  },
  { engines: ['mariadb', 'mysql'] },
);
