// Progress of copies, and what is told of tables that are too big to tell all.

import { expect, onTestFinished, test } from 'vitest';
import { systemClock, type Clock } from '../../src/kernel/index.ts';
import type { Progress } from '../../src/engines/index.ts';
import { createDatabase, describeEachEngine, runStatements } from '../support/servers.ts';
import { connectorTo, databaseScope, effect, specOf, storeOn } from './store-on.ts';

const ROWS = 128_000;

/** Twenty times as fast as the system's. */
const HASTY: Clock = {
  nowMs: () => systemClock.nowMs() * 20,
  sleep: (ms, signal) => systemClock.sleep(ms / 20, signal),
};

describeEachEngine(
  (server) => {
    async function bigTable() {
      const { name } = await createDatabase(server, 'big');
      const doubled = Array.from({ length: 7 }, () => `INSERT INTO ${name}.t (v, note) SELECT v, note FROM ${name}.t`);
      const rows = Array.from({ length: ROWS / 2 ** doubled.length }, (_, n) => `(${n}, REPEAT('x', 200))`);
      await runStatements(server.url, [
        `CREATE TABLE ${name}.t (id INT AUTO_INCREMENT PRIMARY KEY, v INT, note VARCHAR(200))`,
        `INSERT INTO ${name}.t (v, note) VALUES ${rows.join(', ')}`,
        ...doubled,
        `ANALYZE TABLE ${name}.t`,
      ]);
      const connector = connectorTo(server.url);
      onTestFinished(() => connector.closeAll());
      const { snapshots } = await storeOn(server, connector, HASTY);
      const spec = specOf(databaseScope(name), { maxStallMs: 3_600_000 });
      onTestFinished(() => snapshots.drop(spec.name, effect()));
      return { name, snapshots, spec };
    }

    function partsTold(told: readonly Progress[]) {
      const counts = told.map(({ rowsDone }) => rowsDone);
      return {
        tables: [...new Set(told.map(({ what }) => what))],
        hasPart: counts.some((count) => count > 0 && count < ROWS),
        isGrowing: counts.every((count, at) => at === 0 || count >= (counts[at - 1] ?? 0)),
        last: counts.at(-1),
      };
    }

    test.each(['held', 'brief'] as const)(
      'how far one big table is copied is told on the way, lock: %s',
      async (lock) => {
        const { name, snapshots, spec } = await bigTable();
        const told: Progress[] = [];

        await snapshots.create({ ...spec, lock }, effect({ onProgress: (progress) => told.push(progress) }));

        expect(partsTold(told)).toEqual({ tables: [`${name}.t`], hasPart: true, isGrowing: true, last: ROWS });
      },
    );

    test('of a big table that is built anew, at least so many rows are told as were looked at', async () => {
      const { name, snapshots, spec } = await bigTable();
      await snapshots.create(spec, effect());
      await runStatements(server.url, [`UPDATE ${name}.t SET v = v + 1`, `INSERT INTO ${name}.t (v) VALUES (1), (2)`]);
      const told: Progress[] = [];

      const { destroyed, row_count } = await snapshots.restore(
        spec.name,
        undefined,
        effect({ onProgress: (progress) => told.push(progress) }),
      );
      const { is_equal } = await snapshots.prove(spec.name, undefined, effect());

      const rows = destroyed.flatMap(({ rows: found }) => (found === undefined ? [] : [found]));
      expect({
        row_count,
        is_equal,
        rows: rows.map(({ sample, ...counts }) => ({
          ...counts,
          changes: new Set(sample.map(({ change }) => change)),
        })),
        told: partsTold(told),
      }).toEqual({
        row_count: ROWS,
        is_equal: true,
        rows: [{ gone: 0, changed: 1_000, added: 2, is_exact: false, changes: new Set(['changed']) }],
        told: { tables: [`${name}.t`], hasPart: true, isGrowing: true, last: ROWS },
      });
    });
  },
  { engines: ['mariadb', 'mysql'] },
);
