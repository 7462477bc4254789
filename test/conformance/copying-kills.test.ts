// The command itself, killed with SIGKILL after a statement; then `resume` and `prune`. That every statement can be the
// last one is tried in the process, which is quicker: copying-cuts.test.ts and copying-snapshots.test.ts.

import { spawn } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { startServer } from '../../src/servers/index.ts';
import { CLI, snapback, workFolder } from '../support/cli.ts';
import { hundredRows } from '../support/hundred-rows.ts';
import { startKillingProxy, type KillingProxy } from '../support/killing-proxy.ts';
import { describeEachEngine, freshDatabase, logicalDump, runStatements, type TestServer } from '../support/servers.ts';
import { effect, openStore, shadowsOf } from './store-on.ts';

/** With SNAPBACK_LONG=1 every seventh statement is the last one; otherwise a few are, spread over the whole. */
const IS_LONG = process.env['SNAPBACK_LONG'] === '1';
const SPREAD = [0.15, 0.45, 0.85];
const STRIDE = 7;
const START_MS = 120_000;

interface Trial {
  readonly words: readonly string[];
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
}

/** Another process has the scope: the locks of one that has just ended may be with the server for a moment yet. */
const BUSY = 8;

async function killedAfter(proxy: KillingProxy, statements: number, trial: Trial): Promise<number> {
  for (;;) {
    const { code, sent, said } = await oneKilledAfter(proxy, statements, trial);
    if (code === BUSY) continue;
    // It is killed where it should be, or comes to its end in peace.
    expect({ statements, code: [0, null].includes(code) ? 'expected' : code }, said).toEqual({
      statements,
      code: 'expected',
    });
    return sent;
  }
}

async function oneKilledAfter(proxy: KillingProxy, statements: number, { words, folder, env }: Trial) {
  const child = spawn(process.execPath, [CLI, ...words], {
    cwd: folder,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  proxy.arm(statements, () => child.kill('SIGKILL'));
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  const sent = proxy.sent();
  proxy.arm(Number.POSITIVE_INFINITY, () => undefined);
  return { code, sent, said };
}

function placesIn(total: number): readonly number[] {
  if (!IS_LONG) return SPREAD.map((share) => Math.floor(total * share));
  return Array.from({ length: Math.ceil(total / STRIDE) }, (_, at) => at * STRIDE);
}

async function openShop(server: TestServer) {
  const { name: database } = await hundredRows(server);
  // A table that no other test has a shadow of.
  const table = `${database}_t`;
  await runStatements(server.url, [
    `CREATE TABLE ${database}.${table} (id INT PRIMARY KEY)`,
    `CREATE VIEW ${database}.v AS SELECT COUNT(*) AS n FROM ${database}.orders`,
    `CREATE TRIGGER ${database}.tr BEFORE INSERT ON ${database}.orders FOR EACH ROW SET @a = 1`,
  ]);
  const proxy = await startKillingProxy(server.url);
  onTestFinished(() => proxy.close());
  const folder = workFolder();
  const env = { DATABASE_URL: proxy.url };
  const store = await openStore(server);
  const name = freshDatabase('snap');
  const say = (...words: readonly string[]) => snapback(words, folder, env);
  const create = ['snapshot', 'create', '--sname', name, '--databases', database];
  return {
    ...{ proxy, store, name, say, create },
    trial: (words: readonly string[]): Trial => ({ words, folder, env }),
    dump: () => logicalDump(server.url, [database]),
    damage: () =>
      runStatements(server.url, [
        'SET foreign_key_checks = 0',
        `DELETE FROM ${database}.orders WHERE id > 50`,
        `ALTER TABLE ${database}.customers ADD extra INT`,
        `DROP TABLE ${database}.${table}`,
        `DROP VIEW ${database}.v`,
      ]),
    state: async () => (await store.snapshots.list(effect().signal)).find((info) => info.name === name)?.state,
    shadows: async () => (await shadowsOf(server, table)).length,
  };
}

describeEachEngine(
  ({ engine, label, origin }) => {
    // A server of its own: `prune` would clear away what other suites have just begun on theirs.
    let server: TestServer;
    let stop = (): Promise<void> => Promise.resolve();
    beforeAll(async () => {
      const own = await startServer({ engine, env: process.env });
      stop = () => own.stop();
      server = { engine, label, origin, url: own.url };
    }, START_MS);
    afterAll(() => stop());

    describe('killed with SIGKILL after a statement', { timeout: IS_LONG ? 3_600_000 : 180_000 }, () => {
      test('`snapshot create`: `resume` and `prune` leave a whole snapshot or none', async () => {
        const { proxy, create, trial, dump, state, shadows, say, name } = await openShop(server);
        const before = await dump();
        const total = await killedAfter(proxy, Number.POSITIVE_INFINITY, trial(create));
        expect({ isCounted: total > 50, state: await state() }).toEqual({ isCounted: true, state: 'ready' });
        await say('snapshot', 'drop', '--sname', name, '--yes');
        for (const place of placesIn(total)) {
          await killedAfter(proxy, place, trial(create));
          const resumed = await say('resume');
          const pruned = await say('prune', '--yes');
          const isReady = (await state()) === 'ready';
          // Killed before its journal or after its end, there is nothing to resume.
          const end = { place, resumed: [0, 2, 4, 13].includes(resumed.code ?? -1), pruned: pruned.code };
          expect({ ...end, shadows: await shadows(), isSame: (await dump()) === before }, resumed.stderr).toEqual({
            ...{ place, resumed: true, pruned: 0, shadows: isReady ? 1 : 0, isSame: true },
          });
          await say('snapshot', 'drop', '--sname', name, '--yes');
        }
      });

      test('`snapshot restore`: `resume`, or the command again, ends at the snapshot', async () => {
        const { proxy, create, trial, dump, damage, state, shadows, say, name } = await openShop(server);
        const before = await dump();
        await say(...create);
        await damage();
        const restore = ['snapshot', 'restore', '--sname', name, '--yes'];
        const total = await killedAfter(proxy, Number.POSITIVE_INFINITY, trial(restore));
        expect({ isCounted: total > 50, isBack: (await dump()) === before }).toEqual({ isCounted: true, isBack: true });
        for (const place of placesIn(total)) {
          await damage();
          await killedAfter(proxy, place, trial(restore));
          const resumed = await say('resume');
          const again = resumed.code === 0 ? resumed : await say(...restore);
          await say('prune', '--yes');
          const end = { place, code: again.code, state: await state(), shadows: await shadows() };
          expect({ ...end, isBack: (await dump()) === before }, resumed.stderr + again.stderr).toEqual({
            ...{ place, code: 0, state: 'ready', shadows: 1, isBack: true },
          });
        }
        await say('snapshot', 'drop', '--sname', name, '--yes');
      });

      test('`snapshot drop`: `resume` and `prune` leave nothing of it, or all', async () => {
        const { proxy, create, trial, dump, state, shadows, say, name } = await openShop(server);
        const before = await dump();
        const drop = ['snapshot', 'drop', '--sname', name, '--yes'];
        await say(...create);
        const total = await killedAfter(proxy, Number.POSITIVE_INFINITY, trial(drop));
        expect({ isCounted: total > 15, state: await state() }).toEqual({ isCounted: true, state: undefined });
        for (const place of placesIn(total)) {
          await say(...create);
          await killedAfter(proxy, place, trial(drop));
          await say('resume');
          const pruned = await say('prune', '--yes');
          const isReady = (await state()) === 'ready';
          expect({ place, pruned: pruned.code, shadows: await shadows(), isSame: (await dump()) === before }).toEqual({
            ...{ place, pruned: 0, shadows: isReady ? 1 : 0, isSame: true },
          });
          await say(...drop);
        }
      });
    });
  },
  { engines: ['mariadb', 'mysql'] },
);
