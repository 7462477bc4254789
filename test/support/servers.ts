// Real servers for tests: one per engine and vitest run, shared by all test files; each test has databases of its own.

import { randomBytes } from 'node:crypto';
import { describe, expect, inject, onTestFinished, test } from 'vitest';
import { SERVER_ENGINES, type ServerEngine } from '../../src/servers/index.ts';
import { openClient } from './sql-client.ts';
import { taping } from './taping.ts';

export { logicalDump } from './logical-dump.ts';
export { openClient, type SqlClient } from './sql-client.ts';

export interface TestServer {
  readonly engine: ServerEngine;
  /** `MariaDB 10.11.19` */
  readonly label: string;
  /** Login of root, no database. */
  readonly url: string;
  readonly origin: 'url' | 'binary' | 'docker';
}

declare module 'vitest' {
  interface ProvidedContext {
    readonly servers: readonly TestServer[];
    /** Nothing is asked of a server in this run of the file: its tests are played from recordings. */
    readonly isReplay?: true;
  }
}

/** The servers of this run. Those that could not be started were named in its output, once. */
export function availableEngines(): readonly TestServer[] {
  return inject('servers');
}

/** For which servers a suite says something; everything by default. */
export interface Audience {
  readonly engines?: readonly ServerEngine[];
  readonly origins?: readonly TestServer['origin'][];
}

/** Runs a suite on every server that there is, under its name: `describeEachEngine((server) => { test(...) })`. */
export function describeEachEngine(suite: (server: TestServer) => void, audience: Audience = {}): void {
  if (inject('isReplay') === true) return;
  const { engines = SERVER_ENGINES, origins = ['url', 'binary', 'docker'] } = audience;
  const servers = availableEngines().filter(
    ({ engine, origin }) => engines.includes(engine) && origins.includes(origin),
  );
  for (const server of servers) describe(`on ${server.label}`, () => suite(server));
  if (servers.length > 0) return;
  // A file without any test counts as broken; this one says in the output what it is that was not tried.
  test(`not tried, for want of ${engines.join(', ')} by ${origins.join(', ')}`, () => expect(servers).toEqual([]));
}

/** A database name that no other test has: `shop_3f9a1c07`. */
export function freshDatabase(prefix: string): string {
  return `${prefix}_${taping()?.token(8) ?? randomBytes(4).toString('hex')}`;
}

/** Creates a database for the running test and drops it when the test has finished. */
export async function createDatabase(server: TestServer, prefix: string): Promise<{ name: string; url: string }> {
  const name = freshDatabase(prefix);
  const isTaped = taping() !== undefined; // then its name is always the same, and a killed test may have left one
  const before = isTaped ? [`DROP DATABASE IF EXISTS \`${name}\``] : [];
  await runStatements(server.url, [...before, `CREATE DATABASE \`${name}\``]);
  onTestFinished(() => runStatements(server.url, [`DROP DATABASE IF EXISTS \`${name}\``]));
  return { name, url: databaseUrl(server.url, name) };
}

/**
 * A login of the running test's own for that URL, with every right. Sessions of a program are known by its login: a
 * test
 * whose program is ended would end the sessions of other tests with its own.
 */
export async function ownLogin(server: TestServer, url: string): Promise<{ url: string; password: string }> {
  const token = randomBytes(4).toString('hex');
  const [user, password] = [`u_${token}`, `canary-${token}`];
  // A server in a container sees its clients come from elsewhere; a private one may let anybody in from localhost.
  const account = `'${user}'@'${server.origin === 'binary' ? 'localhost' : '%'}'`;
  await runStatements(server.url, [
    `CREATE USER ${account} IDENTIFIED BY '${password}'`,
    `GRANT ALL ON *.* TO ${account} WITH GRANT OPTION`,
  ]);
  onTestFinished(() => runStatements(server.url, [`DROP USER ${account}`]));
  const login = new URL(url);
  login.username = user;
  login.password = password;
  return { url: login.href, password };
}

/**
 * The server as a login of the running test's own sees it: for plans that run a program, whose whole login is ended
 * when the data go back. On MatrixOne, where only an account's first user may take snapshots, an account of its own.
 */
export async function ownHome(server: TestServer): Promise<TestServer> {
  if (server.engine !== 'matrixone') return { ...server, url: (await ownLogin(server, server.url)).url };
  const account = freshDatabase('tenant');
  await runStatements(server.url, [`CREATE ACCOUNT ${account} ADMIN_NAME 'boss' IDENTIFIED BY 'canary-111'`]);
  onTestFinished(() => runStatements(server.url, [`DROP ACCOUNT ${account}`]));
  const url = new URL(server.url);
  url.username = encodeURIComponent(`${account}:boss`);
  url.password = 'canary-111';
  return { ...server, url: url.href };
}

/** The URL of one database on that server. */
export function databaseUrl(serverUrl: string, database: string): string {
  const url = new URL(serverUrl);
  url.pathname = `/${encodeURIComponent(database)}`;
  return url.href;
}

/** Runs statements one after the other on a connection of their own. */
export async function runStatements(url: string, statements: readonly string[]): Promise<void> {
  const client = await openClient(url);
  try {
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.close();
  }
}
