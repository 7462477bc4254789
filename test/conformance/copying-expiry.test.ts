// `keep: 24h` stands in the server's record, so that `prune` needs no journal to know what may go.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { snapback, workFolder } from '../support/cli.ts';
import { createDatabase, describeEachEngine, runStatements } from '../support/servers.ts';
import { effect, openStore } from './store-on.ts';

describeEachEngine(
  (server) => {
    test('`prune` lets go what was wanted for a time that is over, and leaves what is still wanted', async () => {
      const { name: database } = await createDatabase(server, 'kept');
      await runStatements(server.url, [`CREATE TABLE ${database}.t (id INT PRIMARY KEY)`]);
      const store = await openStore(server);
      const folder = workFolder();
      const env = { DATABASE_URL: server.url };
      const taken = async (keep: string) => {
        const file = join(folder, `${keep}.yaml`);
        writeFileSync(
          file,
          `version: 1\nname: kept\ntarget: { url: "\${env:DATABASE_URL}" }\nsteps:\n` +
            `  - snapshot: { databases: [${database}], name: ${database}_${keep}, keep: ${keep} }\n`,
        );
        expect((await snapback(['run', file], folder, env)).code).toEqual(0);
        const info = (await store.snapshots.list(effect().signal)).find(({ name }) => name === `${database}_${keep}`);
        if (info === undefined) throw new Error('the snapshot was not kept');
        onTestFinished(() => store.snapshots.drop(info.name, effect()));
        return Date.parse(info.keepUntil ?? '') - Date.parse(info.takenAt);
      };
      expect([await taken('24h'), await taken('1ms')]).toEqual([86_400_000, 1]);
      const listed = await snapback(['prune', '--dry-run', '--json'], folder, env);
      const names = listed.stdout.split('\n').filter((line) => line.includes(database));
      expect(names.map((line) => (JSON.parse(line) as { name: string }).name)).toEqual([`${database}_1ms`]);
    });
  },
  { engines: ['mariadb', 'mysql'] },
);
