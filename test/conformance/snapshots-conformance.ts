// What every engine promises of snapshots, in statements that every server understands.

import { expect, onTestFinished, test } from 'vitest';
import { Fault, type SnapshotName } from '../../src/kernel/index.ts';
import type { Engine, SnapshotSpec } from '../../src/engines/index.ts';
import { testEngine } from '../support/engines.ts';
import { createDatabase, freshDatabase, logicalDump, runStatements, type TestServer } from '../support/servers.ts';
import { effect, RUN } from './store-on.ts';

const SHOP = [
  'CREATE TABLE customers (id INT PRIMARY KEY, name VARCHAR(40))',
  'CREATE TABLE orders (id INT PRIMARY KEY, customer INT, note VARCHAR(40))',
  "INSERT INTO customers VALUES (1, 'Ada'), (2, 'Grace')",
  "INSERT INTO orders VALUES (1, 1, 'tea'), (2, 1, 'milk'), (3, 2, NULL)",
];

interface Shop {
  readonly engine: Engine;
  readonly name: string;
  readonly spec: SnapshotSpec;
  readonly run: (...statements: readonly string[]) => Promise<void>;
  readonly dump: () => Promise<string>;
}

async function openShop(server: TestServer): Promise<Shop> {
  const { name, url } = await createDatabase(server, 'shop');
  const engine = await testEngine(server.url, { run: RUN });
  const spec: SnapshotSpec = {
    name: freshDatabase('snap') as SnapshotName,
    scope: { kind: 'databases', databases: [name] },
    lock: undefined,
    maxStallMs: 30_000,
    maxCopyBytes: 2 ** 30,
    replace: false,
  };
  onTestFinished(() => engine.snapshots.drop(spec.name, effect()));
  await runStatements(url, SHOP);
  return {
    engine,
    name,
    spec,
    run: (...statements) => runStatements(url, statements),
    dump: () => logicalDump(server.url, [name]),
  };
}

export function snapshotsConformance(server: TestServer): void {
  test('a snapshot that was just taken differs in nothing, and is proven equal', async () => {
    const { engine, spec, name } = await openShop(server);
    const info = await engine.snapshots.create(spec, effect());
    expect(info.state).toEqual('ready');
    expect(await engine.snapshots.compare(spec.name, undefined, effect())).toEqual([]);
    const proof = await engine.snapshots.prove(spec.name, undefined, effect());
    expect(proof.differences).toEqual([]);
    expect(proof.is_equal).toEqual(true);
    expect(proof.tables.map(({ table, row_count, is_equal }) => [table, row_count, is_equal])).toEqual([
      [`${name}.customers`, 2, true],
      [`${name}.orders`, 3, true],
    ]);
  });

  test('taking, comparing and proving leave the live data as they are', async () => {
    const { engine, spec, dump } = await openShop(server);
    const before = await dump();
    await engine.snapshots.create(spec, effect());
    await engine.snapshots.compare(spec.name, undefined, effect());
    await engine.snapshots.prove(spec.name, undefined, effect());
    expect(await dump()).toEqual(before);
  });

  test('what differs is named, table by table', async () => {
    const { engine, spec, name, run } = await openShop(server);
    await engine.snapshots.create(spec, effect());
    await run('DELETE FROM orders WHERE id = 2', 'DROP TABLE customers', 'CREATE TABLE fresh (id INT PRIMARY KEY)');
    const differences = await engine.snapshots.compare(spec.name, undefined, effect());
    expect(differences.map((difference) => `${difference.name} ${difference.what}`).sort()).toEqual([
      `${name}.customers missing`,
      `${name}.fresh extra`,
      `${name}.orders rows`,
    ]);
    const proof = await engine.snapshots.prove(spec.name, undefined, effect());
    expect(proof.is_equal).toEqual(false);
  });

  test('a restore puts rows, structure and tables back, removes what is new, and says so', async () => {
    const { engine, spec, name, run, dump } = await openShop(server);
    const before = await dump();
    await engine.snapshots.create(spec, effect());
    await run(
      'ALTER TABLE orders ADD COLUMN currency CHAR(3)',
      "UPDATE orders SET currency = 'EUR'",
      'DROP TABLE customers',
      'CREATE TABLE fresh (id INT PRIMARY KEY)',
    );
    const restored = await engine.snapshots.restore(spec.name, undefined, effect());
    expect([...restored.restored].sort()).toEqual([`${name}.customers`, `${name}.orders`]);
    expect(restored.removed).toEqual([`${name}.fresh`]);
    expect(await dump()).toEqual(before);
    const proof = await engine.snapshots.prove(spec.name, undefined, effect());
    expect(proof.is_equal).toEqual(true);
  });

  test('restoring twice is the same as restoring once', async () => {
    const { engine, spec, run, dump } = await openShop(server);
    const before = await dump();
    await engine.snapshots.create(spec, effect());
    await run('DELETE FROM orders');
    await engine.snapshots.restore(spec.name, undefined, effect());
    const again = await engine.snapshots.restore(spec.name, undefined, effect());
    expect(again.restored).toEqual([]);
    expect(await dump()).toEqual(before);
  });

  test('a database that was dropped comes back', async () => {
    const { engine, spec, name, run, dump } = await openShop(server);
    const before = await dump();
    await engine.snapshots.create(spec, effect());
    await run(`DROP DATABASE ${name}`);
    await engine.snapshots.restore(spec.name, undefined, effect());
    expect(await dump()).toEqual(before);
  });

  test('nothing is destroyed by a run that has lost its locks', async () => {
    const { engine, spec, run, dump } = await openShop(server);
    await engine.snapshots.create(spec, effect());
    await run('DELETE FROM orders');
    const damaged = await dump();
    const assertLocked = () => Promise.reject(new Fault('SCOPE_BUSY', 'the lock is gone'));
    await expect(engine.snapshots.restore(spec.name, undefined, effect({ assertLocked }))).rejects.toThrow(
      'the lock is gone',
    );
    expect(await dump()).toEqual(damaged);
    await engine.snapshots.restore(spec.name, undefined, effect());
  });

  test('only the part that was asked for is put back', async () => {
    const { engine, spec, name, run } = await openShop(server);
    await engine.snapshots.create(spec, effect());
    await run('DELETE FROM orders', 'DELETE FROM customers');
    const part = { tables: [{ database: name, table: 'orders' }] };
    const restored = await engine.snapshots.restore(spec.name, part, effect());
    expect(restored.restored).toEqual([`${name}.orders`]);
    const left = await engine.snapshots.compare(spec.name, undefined, effect());
    expect(left.map((difference) => `${difference.name} ${difference.what}`)).toEqual([`${name}.customers rows`]);
  });

  test('a name that is taken is refused, and the snapshot that has it stays', async () => {
    const { engine, spec } = await openShop(server);
    const info = await engine.snapshots.create(spec, effect());
    await expect(engine.snapshots.create(spec, effect())).rejects.toThrow(
      expect.objectContaining({ code: 'SNAPSHOT_EXISTS' }),
    );
    expect(await engine.snapshots.find(spec.name, effect().signal)).toEqual(info);
  });

  test('a snapshot takes the place of an older one of its name when it is asked to', async () => {
    const { engine, spec, run } = await openShop(server);
    await engine.snapshots.create(spec, effect());
    await run('DELETE FROM orders');
    const info = await engine.snapshots.create({ ...spec, replace: true }, effect());
    expect(await engine.snapshots.find(spec.name, effect().signal)).toEqual(info);
    expect(await engine.snapshots.compare(spec.name, undefined, effect())).toEqual([]);
    const named = (await engine.snapshots.list(effect().signal)).filter(({ name }) => name === spec.name);
    expect(named).toEqual([info]);
  });

  test('a snapshot that is not there is not found, cannot be restored from, and can be dropped', async () => {
    const { engine, spec } = await openShop(server);
    expect(await engine.snapshots.find(spec.name, effect().signal)).toEqual(undefined);
    await expect(engine.snapshots.restore(spec.name, undefined, effect())).rejects.toThrow(
      expect.objectContaining({ code: 'SNAPSHOT_MISSING' }),
    );
    await engine.snapshots.drop(spec.name, effect());
  });

  test('a dropped snapshot is gone from the list', async () => {
    const { engine, spec } = await openShop(server);
    await engine.snapshots.create(spec, effect());
    await engine.snapshots.drop(spec.name, effect());
    const names = (await engine.snapshots.list(effect().signal)).map(({ name }) => name);
    expect(names.includes(spec.name)).toEqual(false);
  });

  test('counts, fingerprints and differing rows are read at both moments', async () => {
    const { engine, spec, name, run } = await openShop(server);
    const { signal } = effect();
    await engine.snapshots.create(spec, effect());
    const then = { kind: 'snapshot', name: spec.name } as const;
    const now = { kind: 'now' } as const;
    const orders = { database: name, table: 'orders' };
    expect(await engine.data.fingerprint(orders, now, signal)).toEqual(
      await engine.data.fingerprint(orders, then, signal),
    );
    await run(
      'DELETE FROM orders WHERE id = 1',
      "UPDATE orders SET note = 'x' WHERE id = 2",
      'INSERT INTO orders VALUES (9, 1, NULL), (10, 1, NULL)',
    );
    expect(await engine.data.countRows(orders, then, signal)).toEqual(3);
    expect(await engine.data.countRows(orders, now, signal)).toEqual(4);
    expect(await engine.data.differingRows(orders, spec.name, 3, signal)).toEqual({
      gone: 1,
      changed: 1,
      added: 2,
      is_exact: true,
      sample: [
        { change: 'gone', key: 'id=1' },
        { change: 'changed', key: 'id=2' },
        { change: 'added', key: 'id=9' },
      ],
    });
    expect(await engine.data.tables([name], then, signal)).toEqual([{ database: name, table: 'customers' }, orders]);
    expect(await engine.data.countRows({ database: name, table: 'nowhere' }, now, signal)).toEqual(undefined);
  });

  test('one session serves the readings of many checks', async () => {
    const { engine, spec, name } = await openShop(server);
    const { signal } = effect();
    await engine.snapshots.create(spec, effect());
    const then = { kind: 'snapshot', name: spec.name } as const;
    const counted = [];
    for (const table of ['customers', 'orders', 'nowhere']) {
      for (const at of [then, { kind: 'now' } as const]) {
        const count = await engine.data.countRows({ database: name, table }, at, signal);
        counted.push({ count, sessions: engine.openConnectionIds() });
      }
    }
    const { sessions = [] } = counted[0] ?? {};
    const told = [2, 2, 3, 3, undefined, undefined];
    expect({ counted, open: sessions.length }).toEqual({
      counted: told.map((count) => ({ count, sessions })),
      open: 1,
    });
  });
}
