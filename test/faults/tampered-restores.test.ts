// Somebody changes something behind snapback's back between the restore and the proof. The verdict is always `stuck`,
// and what was changed is named; a resume then puts it back.

import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { contextIn, readRun, resumeRun, runPlan } from '../../src/app/index.ts';
import { openEngine } from '../../src/engines/index.ts';
import { workFolder } from '../support/cli.ts';
import { hundredRows, LOSES_TEN, upgradePlan } from '../support/hundred-rows.ts';
import { describeEachEngine, runStatements, type TestServer } from '../support/servers.ts';

interface Tamper {
  readonly what: string;
  /** In the database, `DATABASE`; `USER` stands for a login, or a role of MatrixOne. */
  readonly statements: readonly string[];
  /** What the proof names: `table orders rows`. */
  readonly named: readonly string[];
  /** Whether a resume is tried, too: it puts back what was changed. */
  readonly isResumed?: boolean;
}

const EVERYWHERE: readonly Tamper[] = [
  {
    what: 'a row is deleted',
    statements: ['DELETE FROM orders WHERE id = 7'],
    named: ['table orders rows'],
    isResumed: true,
  },
  {
    what: 'a row is added',
    statements: ['INSERT INTO orders (id, customer_id) VALUES (-5, 1)'],
    named: ['table orders rows'],
  },
  {
    what: 'a value is changed',
    statements: ["UPDATE customers SET name = 'Customer 3' WHERE id = 3"],
    named: ['table customers rows'],
  },
  {
    what: 'two rows exchange a value',
    statements: [
      'CREATE TABLE aside AS SELECT id, note FROM orders WHERE id IN (4, 5)',
      'UPDATE orders SET note = (SELECT note FROM aside WHERE aside.id = 5) WHERE id = 4',
      'UPDATE orders SET note = (SELECT note FROM aside WHERE aside.id = 4) WHERE id = 5',
      'DROP TABLE aside',
    ],
    named: ['table orders rows'],
  },
  {
    what: 'a column has another type',
    statements: ['ALTER TABLE customers MODIFY name VARCHAR(60) NOT NULL'],
    named: ['table customers definition'],
  },
  {
    what: 'an index is added',
    statements: ['CREATE INDEX by_note ON orders (note)'],
    named: ['table orders definition'],
  },
  {
    what: 'a view shows something else',
    statements: ['DROP VIEW first_orders', 'CREATE VIEW first_orders AS SELECT id FROM orders WHERE id < 11'],
    named: ['view first_orders definition'],
  },
  { what: 'a table is added', statements: ['CREATE TABLE later (id INT PRIMARY KEY)'], named: ['table later extra'] },
  { what: 'a view is dropped', statements: ['DROP VIEW first_orders'], named: ['view first_orders missing'] },
];

const FAMILY: readonly Tamper[] = [
  {
    what: 'a trigger is added',
    statements: ['CREATE TRIGGER spy BEFORE INSERT ON customers FOR EACH ROW SET @spy = 1'],
    named: ['trigger spy extra'],
  },
  {
    what: 'a trigger does something else',
    statements: ['DROP TRIGGER tidy', 'CREATE TRIGGER tidy BEFORE INSERT ON orders FOR EACH ROW SET NEW.note = NULL'],
    named: ['trigger tidy definition'],
    isResumed: true,
  },
  {
    what: 'a routine does something else',
    statements: [
      'DROP PROCEDURE total',
      'CREATE PROCEDURE total() SELECT 1',
      "GRANT EXECUTE ON PROCEDURE total TO 'USER'@'%'",
    ],
    named: ['procedure total definition'],
  },
  {
    what: 'a right on a routine is taken away',
    statements: ["REVOKE EXECUTE ON PROCEDURE total FROM 'USER'@'%'"],
    named: ['grant procedure total to USER@% missing'],
    isResumed: true,
  },
  {
    what: 'a foreign key is dropped',
    statements: ['ALTER TABLE orders DROP FOREIGN KEY order_of'],
    named: ['foreign-key orders.order_of missing'],
  },
  {
    what: 'the next number of a table is another',
    statements: ['ALTER TABLE orders AUTO_INCREMENT = 900'],
    named: ['table orders auto-increment'],
  },
];

const MATRIXONE: readonly Tamper[] = [
  {
    what: 'a right on a table is taken away',
    statements: ['REVOKE SELECT ON TABLE DATABASE.customers FROM USER'],
    named: ['grant select on table customers to USER missing'],
    isResumed: true,
  },
];

async function shopWithObjects(server: TestServer, user: string) {
  const shop = await hundredRows(server);
  const views = ['CREATE VIEW first_orders AS SELECT id FROM orders WHERE id < 10'];
  if (server.engine === 'matrixone') {
    onTestFinished(() => runStatements(server.url, [`DROP ROLE ${user}`]));
    await runStatements(shop.url, [
      ...views,
      `CREATE ROLE ${user}`,
      `GRANT SELECT ON TABLE ${shop.name}.customers TO ${user}`,
    ]);
    return shop;
  }
  onTestFinished(() => runStatements(server.url, [`DROP USER '${user}'@'%'`]));
  await runStatements(shop.url, [
    ...views,
    'CREATE TRIGGER tidy BEFORE INSERT ON orders FOR EACH ROW SET NEW.note = TRIM(NEW.note)',
    'CREATE PROCEDURE total() SELECT COUNT(*) FROM orders',
    `CREATE USER '${user}'@'%' IDENTIFIED BY 'x1Y!${user}'`,
    `GRANT EXECUTE ON PROCEDURE total TO '${user}'@'%'`,
  ]);
  return shop;
}

/** A context in which `tamper` happens right before the first proof. */
function tamperedContext(url: string, cwd: string, tamper: () => Promise<void>) {
  let isDone = false;
  const world = {
    env: { DATABASE_URL: url },
    cwd,
    process: { pid: process.pid, host: 'test', user: 'test' },
    signal: new AbortController().signal,
  };
  return contextIn(world, {
    openEngine: async (...request) => {
      const engine = await openEngine(...request);
      const { snapshots } = engine;
      const prove: typeof snapshots.prove = async (...proof) => {
        if (!isDone) await tamper();
        isDone = true;
        return snapshots.prove(...proof);
      };
      return { ...engine, snapshots: { ...snapshots, prove } };
    },
  });
}

describeEachEngine((server) => {
  const tampers = [...EVERYWHERE, ...(server.engine === 'matrixone' ? MATRIXONE : FAMILY)];

  test.each(tampers)(
    '$what behind a restore: the run is stuck and names it',
    async ({ statements, named, isResumed }) => {
      const user = `u_${randomBytes(4).toString('hex')}`;
      const { name, url } = await shopWithObjects(server, user);
      const folder = workFolder(upgradePlan(LOSES_TEN));
      const journalDirectory = join(folder, 'runs');
      const own = statements.map((text) => text.replaceAll('USER', user).replaceAll('DATABASE', name));
      const context = tamperedContext(url, folder, () => runStatements(url, own));

      const end = await runPlan({ path: join(folder, 'plan.yaml'), vars: {}, journalDirectory }, context);
      if (end.kind === 'invalid') throw new Error('a plan that is valid');

      const { exitCode, verdict, run } = end.result;
      const report = await readRun(journalDirectory, run);
      const proof = report.actions.find(({ action }) => action === 'auto/proof')?.evidence;
      const differences = proof?.kind === 'proof' ? proof.differences : [];
      const found = differences.map(({ object, name: label, what }) => {
        return `${object} ${label.replace(`${name}.`, '')} ${what}`.replace(user, 'USER');
      });
      expect({ exitCode, verdict, found }).toEqual({ exitCode: 5, verdict: 'stuck', found: named });

      if (isResumed !== true) return;
      const again = await resumeRun({ run, journalDirectory, settle: [] }, context);
      expect([again.exitCode, again.verdict]).toEqual([4, 'rolled-back']);
    },
  );
});
