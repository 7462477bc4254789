// What `sys` sees of a cluster is its own account, and of the others which objects they have: the verdict of a run that
// goes back to a snapshot of it is not better than that.

import { expect, test } from 'vitest';
import { snapback, workFolder } from '../support/cli.ts';
import { ownMatrixone } from '../support/own-matrixone.ts';
import { describeEachEngine } from '../support/servers.ts';

const PLAN = `version: 1
name: all
target: { url: "\${env:DATABASE_URL}" }
guards: { wide: [account, cluster] }
steps:
  - snapshot: { cluster: true }
  - sql: DELETE FROM shop.t
  - verify: { rows: { shop.t: 7 } }
`;

describeEachEngine(
  () => {
    const server = ownMatrixone();

    test('a cluster that went back is proven, and stuck where there are other accounts', async () => {
      await server.run(['CREATE DATABASE shop', 'CREATE TABLE shop.t (a INT)', 'INSERT INTO shop.t VALUES (1)']);
      const run = async () => {
        const { code, stderr } = await snapback(['run', 'plan.yaml'], workFolder({ 'plan.yaml': PLAN }), {
          DATABASE_URL: server.url(),
        });
        const isTold = stderr.includes('not shown: the rows of acc1');
        return { code, isTold, rows: await server.column('SELECT a FROM shop.t') };
      };
      const alone = await run();
      await server.run(["CREATE ACCOUNT acc1 ADMIN_NAME 'admin' IDENTIFIED BY '111'"]);
      const withAnother = await run();
      expect({ alone, withAnother }).toEqual({
        alone: { code: 4, isTold: false, rows: ['1'] },
        withAnother: { code: 5, isTold: true, rows: ['1'] },
      });
    });
  },
  { engines: ['matrixone'], origins: ['binary'] },
);
