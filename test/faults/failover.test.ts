// Behind one address there may be several servers, or another one after a failover: a run acts on the server that it
// began on, or not at all.

import { spawn } from 'node:child_process';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { expect, onTestFinished, test } from 'vitest';
import { startServer, type RunningServer } from '../../src/servers/index.ts';
import { CLI, snapback, workFolder } from '../support/cli.ts';
import { SEED, upgradePlan } from '../support/hundred-rows.ts';
import { databaseUrl, describeEachEngine, logicalDump, openClient, runStatements } from '../support/servers.ts';

/** An address that leads new connections to whichever server it is told; those that stand are left alone. */
async function movingAddress(first: RunningServer) {
  let port = Number(new URL(first.url).port);
  const sockets = new Set<Socket>();
  const gate = createServer((client) => {
    const upstream = connect(port, '127.0.0.1');
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => socket.destroy());
    }
    client.on('close', () => upstream.destroy());
    upstream.on('close', () => client.destroy());
    client.pipe(upstream).pipe(client);
  });
  await new Promise<void>((resolve) => gate.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    gate.close();
  });
  return {
    port: (gate.address() as AddressInfo).port,
    leadTo: ({ url }: RunningServer) => void (port = Number(new URL(url).port)),
  };
}

async function shopOn(engine: RunningServer['engine'], seed: readonly string[]): Promise<RunningServer> {
  const server = await startServer({ engine, env: process.env });
  onTestFinished(() => server.stop());
  await runStatements(server.url, ['CREATE DATABASE shop']);
  await runStatements(databaseUrl(server.url, 'shop'), seed);
  return server;
}

/** Runs the plan, and moves the address as soon as its snapshot is taken. */
async function runMoved(folder: string, url: string, move: () => void): Promise<number | null> {
  const child = spawn(process.execPath, [CLI, 'run', 'plan.yaml', '--json'], {
    cwd: folder,
    env: { ...process.env, DATABASE_URL: url },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  createInterface({ input: child.stdout }).on('line', (line) => {
    const { event, data } = JSON.parse(line) as { event: string; data: { action?: string } };
    if (event === 'action-settled' && data.action === 'steps/before') move();
  });
  return new Promise((resolve) => child.once('close', resolve));
}

describeEachEngine(
  ({ engine }) => {
    test('a run that is led to another server, in its middle or by `resume`, stops and does not touch it', async () => {
      const [own, other] = [await shopOn(engine, SEED), await shopOn(engine, SEED)];
      for (const server of [own, other]) {
        await runStatements(server.url, [
          `CREATE USER IF NOT EXISTS 'both'@'localhost' IDENTIFIED BY 'secret'`,
          `GRANT ALL ON *.* TO 'both'@'localhost'`,
        ]);
      }
      const before = await logicalDump(other.url, ['shop', 'snapback']);
      const address = await movingAddress(own);
      const url = `mysql://both:secret@127.0.0.1:${address.port}/shop`;
      const folder = workFolder(upgradePlan(undefined));

      const first = await runMoved(folder, url, () => address.leadTo(other));
      const led = await snapback(['resume'], folder, { DATABASE_URL: url });
      const isUntouched = (await logicalDump(other.url, ['shop', 'snapback'])) === before;
      address.leadTo(own);
      const back = await snapback(['resume'], folder, { DATABASE_URL: url });

      const says = /is another server than when the run began/.test(led.stderr);
      expect({ first, led: led.code, says, isUntouched, back: back.code }).toEqual({
        first: 6,
        led: 6,
        says: true,
        isUntouched: true,
        back: 0,
      });
    });

    test('a catalog whose maker was killed before it had a name is given one by the next run', async () => {
      const server = await shopOn(engine, SEED);
      const url = databaseUrl(server.url, 'shop');
      const first = await snapback(['run', 'plan.yaml'], workFolder(upgradePlan(undefined)), { DATABASE_URL: url });
      await runStatements(server.url, ['DELETE FROM snapback.identity']);
      const second = await snapback(['snapshot', 'create', '--url', url, '--sname', 'named'], workFolder());
      const client = await openClient(server.url);
      const named = await client.query('SELECT COUNT(*) AS count FROM snapback.identity');
      await client.close();
      expect([first.code, second.code, named]).toEqual([0, 0, [{ count: '1' }]]);
    });
  },
  { engines: ['mariadb', 'mysql'], origins: ['binary'] },
);
