import { expect, test } from 'vitest';
import { createDatabase, describeEachEngine, logicalDump, runStatements } from '../support/servers.ts';

describeEachEngine((server) => {
  test('a dump does not tell the order of rows, and tells one changed cell', async () => {
    const { name, url } = await createDatabase(server, 'dump');
    await runStatements(url, [
      'CREATE TABLE t (id INT PRIMARY KEY, word VARCHAR(20), amount DECIMAL(20, 4))',
      "INSERT INTO t VALUES (2, 'b', 12345678901234.5678), (1, NULL, -0.5)",
    ]);
    const before = await logicalDump(server.url, [name]);
    expect(before.split('\n').filter((line) => line.startsWith('['))).toEqual([
      '["1",null,"-0.5000"]',
      '["2","b","12345678901234.5678"]',
    ]);
    await runStatements(url, ['DELETE FROM t WHERE id = 1', 'INSERT INTO t VALUES (1, NULL, -0.5)']);
    expect(await logicalDump(server.url, [name])).toEqual(before);
    await runStatements(url, ["UPDATE t SET word = 'B' WHERE id = 2"]);
    expect(await logicalDump(server.url, [name])).toEqual(before.replace('"b"', '"B"'));
  });

  test('a dump tells a column, a view and a database that came or went', async () => {
    const { name, url } = await createDatabase(server, 'dump');
    await runStatements(url, ['CREATE TABLE t (id INT PRIMARY KEY)', 'CREATE VIEW v AS SELECT id FROM t']);
    const dumps = [await logicalDump(server.url, [name])];
    for (const change of ['ALTER TABLE t ADD COLUMN extra INT', 'DROP VIEW v', `DROP DATABASE \`${name}\``]) {
      await runStatements(url, [change]);
      dumps.push(await logicalDump(server.url, [name]));
    }
    expect(new Set(dumps).size).toEqual(4);
    expect(dumps[3]).toEqual(`== database ${name} is not there\n`);
  });
});

describeEachEngine(
  (server) => {
    test('a dump tells routines, triggers in their order, events, FLOAT to the last bit, and privileges', async () => {
      const { name, url } = await createDatabase(server, 'dump');
      await runStatements(url, [
        'CREATE TABLE `täble` (id INT PRIMARY KEY AUTO_INCREMENT, `grün` FLOAT, twice FLOAT AS (`grün` * 2))',
        'INSERT INTO `täble` (`grün`) VALUES (1.2345678)',
      ]);
      const changes = [
        'UPDATE `täble` SET `grün` = 1.2345676',
        'CREATE TRIGGER second BEFORE INSERT ON `täble` FOR EACH ROW SET NEW.`grün` = 2',
        'CREATE TRIGGER first BEFORE INSERT ON `täble` FOR EACH ROW PRECEDES second SET NEW.`grün` = 1',
        'CREATE PROCEDURE p() SELECT 1',
        'CREATE FUNCTION f() RETURNS INT DETERMINISTIC NO SQL RETURN 1',
        "CREATE EVENT e ON SCHEDULE EVERY 1 DAY STARTS '2038-01-01' DO SELECT 1",
        'ALTER TABLE `täble` AUTO_INCREMENT = 500',
        `CREATE USER IF NOT EXISTS '${name}'@'%'`,
        `GRANT SELECT ON \`${name}\`.* TO '${name}'@'%'`,
      ];
      const dumps = [await logicalDump(server.url, [name])];
      for (const change of changes) {
        await runStatements(url, [change]);
        dumps.push(await logicalDump(server.url, [name]));
      }
      await runStatements(url, [`DROP USER '${name}'@'%'`]);
      const isChanged = dumps.slice(1).map((dump, index) => dump !== dumps[index]);
      // A user is no part of a database; what it may do there is.
      expect(isChanged).toEqual(changes.map((change) => !change.startsWith('CREATE USER')));
    });
  },
  { engines: ['mariadb', 'mysql'] },
);
