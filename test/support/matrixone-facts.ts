// Plain statements to a MatrixOne, by way of the program's own connection, recorded where the test is.

import { onTestFinished } from 'vitest';
import { parseConnectionUrl, wireConnector, type Cell, type Session } from '../../src/engines/index.ts';
import { newGrammar } from '../../src/engines/matrixone/new-grammar.ts';
import { oldGrammar } from '../../src/engines/matrixone/old-grammar.ts';
import type { RestoreGrammar } from '../../src/engines/matrixone/restore-grammar.ts';
import { serverErrorOf } from '../../src/engines/wire/errors.ts';
import { faultOf, never } from './engines.ts';
import { createDatabase, freshDatabase, type TestServer } from './servers.ts';
import { taping } from './taping.ts';

export interface Asking {
  readonly session: Session;
  /** Runs them one after the other. */
  readonly run: (...statements: readonly string[]) => Promise<void>;
  readonly rows: (sql: string) => Promise<readonly (readonly Cell[])[]>;
  readonly value: (sql: string) => Promise<Cell | undefined>;
  /** `20101 internal error: ...`: what the server says when it refuses. */
  readonly refusal: (sql: string) => Promise<string>;
}

/** A session that ends with the test. */
export async function asking(url: string): Promise<Asking> {
  const options = { onSessionOpened: () => Promise.resolve(), run: undefined };
  const parsed = parseConnectionUrl(url);
  if (parsed.kind === 'err') throw new Error(parsed.problem);
  const connector = taping()?.connect(url, options) ?? wireConnector(parsed.value, options);
  onTestFinished(() => connector.closeAll());
  const { database } = connector.address;
  const session = await connector.open({ purpose: 'the test', database, announce: false, prologue: [] }, never);
  const rows: Asking['rows'] = async (sql) => (await session.query(sql)).rows;
  return {
    session,
    rows,
    run: async (...statements) => {
      for (const sql of statements) await session.query(sql);
    },
    value: async (sql) => (await rows(sql))[0]?.[0],
    refusal: async (sql) => {
      const said = serverErrorOf(await faultOf(session.query(sql)));
      return `${said?.errno ?? ''} ${said?.message ?? ''}`;
    },
  };
}

export interface Fact extends Asking {
  /** The test's own database. */
  readonly db: string;
  readonly url: string;
  readonly isOld: boolean;
  readonly restore: RestoreGrammar;
}

/** A session of `sys`, in a database of the test's own. */
export async function factOn(server: TestServer): Promise<Fact> {
  const { name, url } = await createDatabase(server, 'f');
  const own = await asking(url);
  const isOld = ((await own.value('SELECT version()')) ?? '').includes('MatrixOne-v3');
  return { ...own, db: name, url, isOld, restore: isOld ? oldGrammar : newGrammar };
}

/** A name for a snapshot, an account, a user; `sql` takes it away when the test has finished. */
export function named(own: Asking, prefix: string, sql: (name: string) => string): string {
  const name = freshDatabase(prefix);
  onTestFinished(() => own.run(sql(name)));
  return name;
}

export function snapshotName(own: Asking): string {
  return named(own, 's', (name) => `DROP SNAPSHOT IF EXISTS ${name}`);
}

/** An account with `boss` as its administrator, dropped at the end. */
export async function account(own: Asking, server: TestServer): Promise<{ name: string; url: string }> {
  const name = named(own, 'acc', (one) => `DROP ACCOUNT IF EXISTS ${one}`);
  await own.run(`DROP ACCOUNT IF EXISTS ${name}`, `CREATE ACCOUNT ${name} ADMIN_NAME 'boss' IDENTIFIED BY '111'`);
  return { name, url: loginOf(server, `${name}:boss`) };
}

export function loginOf(server: TestServer, user: string): string {
  const url = new URL(server.url);
  url.username = encodeURIComponent(user);
  url.password = '111';
  return url.href;
}

/** The server's number of a database of this account, or of a table in it. */
export async function numberOf(own: Asking, db: string, table?: string): Promise<Cell | undefined> {
  return own.value(
    table === undefined
      ? 'SELECT CAST(dat_id AS CHAR) FROM mo_catalog.mo_database' +
          ` WHERE account_id = current_account_id() AND datname = '${db}'`
      : 'SELECT CAST(rel_id AS CHAR) FROM mo_catalog.mo_tables' +
          ` WHERE account_id = current_account_id() AND reldatabase = '${db}' AND relname = '${table}'`,
  );
}

/** `(1), (2), ... (count)` */
export function numbers(count: number): string {
  return Array.from({ length: count }, (_, n) => `(${n + 1})`).join(', ');
}

/** Reads the list of processes until a statement with these words stands in it. */
export async function untilListed(own: Asking, words: string): Promise<string> {
  const sql =
    'SELECT CAST(conn_id AS CHAR) FROM information_schema.processlist' +
    ` WHERE info LIKE '%${words}%' AND info NOT LIKE '%processlist%'`;
  for (let attempt = 0; attempt < 2_000; attempt += 1) {
    const id = await own.value(sql);
    if (id !== undefined && id !== null) return id;
  }
  throw new Error(`nothing with ${words} was listed`);
}
