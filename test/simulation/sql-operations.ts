// The SQL that simulated steps and programs speak: just enough to see each effect once, twice or not at all.

import type { QueryResult } from '../../src/engines/index.ts';
import { Fault } from '../../src/kernel/index.ts';
import type { MemoryServer, Operation, ServerSession, Table } from './memory-server.ts';

type Work = (server: MemoryServer, session: ServerSession, words: readonly string[]) => number | string;

const FORMS: readonly { readonly form: RegExp; readonly isDdl: boolean; readonly work: Work }[] = [
  { form: /^UPDATE (\S+) SET n = n \+ 1 WHERE id = (\d+)$/, isDdl: false, work: (...at) => update(at, (n) => n + 1) },
  { form: /^UPDATE (\S+) SET n = 1 WHERE id = (\d+)$/, isDdl: false, work: (...at) => update(at, () => 1) },
  { form: /^INSERT INTO (\S+) VALUES \((\d+)\)$/, isDdl: false, work: insert },
  { form: /^ALTER TABLE (\S+) ADD COLUMN (\S+)$/, isDdl: true, work: addColumn },
  { form: /^CREATE TABLE (\S+)$/, isDdl: true, work: createTable },
  { form: /^DROP TABLE (\S+)$/, isDdl: true, work: dropTable },
  { form: /^SELECT n FROM (\S+) WHERE id = (\d+)$/, isDdl: false, work: select },
];

export function operationOf(sql: string): Operation<QueryResult> {
  const control = controlOf(sql);
  if (control !== undefined) return { label: sql, apply: (server, session) => (control(server, session), result(0)) };
  for (const { form, isDdl, work } of FORMS) {
    const [, ...words] = form.exec(sql) ?? [];
    if (words.length === 0) continue;
    return {
      label: sql,
      locks: sql.startsWith('SELECT') ? [] : [`table ${words[0] ?? ''}`],
      apply: (server, session) => {
        if (isDdl) implicitCommit(server, session);
        const found = work(server, session, words);
        return typeof found === 'string' ? { columns: ['n'], rows: [[found]], rowsAffected: 0 } : result(found);
      },
    };
  }
  return { label: sql, apply: () => refuse(`this server does not understand ${sql}`) };
}

/** What an administrator may do at any moment: end the sessions that hold named locks. */
export const KILL_HOLDERS = 'KILL the holders of named locks';

function killHolders(server: MemoryServer): void {
  for (const { id, names } of [...server.sessions.values()]) if (names.size > 0) server.kill(id, 0, false);
}

function controlOf(sql: string): ((server: MemoryServer, session: ServerSession) => void) | undefined {
  if (sql === 'START TRANSACTION') return (_, session) => void (session.undo = []);
  if (sql === 'COMMIT') return (server, session) => server.commit(session);
  if (sql === 'ROLLBACK') return (server, session) => server.rollback(session);
  if (sql === KILL_HOLDERS) return (server) => killHolders(server);
  if (sql.startsWith('SAVEPOINT')) return (_, session) => void (session.savepoint = true);
  if (!sql.startsWith('RELEASE SAVEPOINT')) return undefined;
  return (_, session) => {
    if (!session.savepoint) refuse('SAVEPOINT does not exist');
    session.savepoint = false;
  };
}

/** DDL ends the transaction it stands in, and what was in it stays. Its own locks are kept until it is done. */
function implicitCommit(server: MemoryServer, session: ServerSession): void {
  if (session.undo === undefined) return;
  session.undo = undefined;
  session.savepoint = false;
}

function tableOf(server: MemoryServer, name = ''): Table {
  return server.tables.get(name) ?? refuse(`table ${name} does not exist`);
}

function update([server, session, [name = '', id]]: Parameters<Work>, change: (n: number) => number): number {
  const table = tableOf(server, name);
  const n = table.rows.get(Number(id));
  if (n === undefined) return 0;
  server.change(session, name, { ...table, rows: new Map(table.rows).set(Number(id), change(n)) });
  return 1;
}

function insert(server: MemoryServer, session: ServerSession, [name = '', id]: readonly string[]): number {
  const table = tableOf(server, name);
  const n = table.rows.get(Number(id)) ?? 0;
  server.change(session, name, { ...table, rows: new Map(table.rows).set(Number(id), n + 1) });
  return 1;
}

function addColumn(server: MemoryServer, _: ServerSession, [name = '', column = '']: readonly string[]): number {
  const table = tableOf(server, name);
  server.change(undefined, name, { ...table, columns: [...table.columns, column] });
  return 0;
}

function createTable(server: MemoryServer, _: ServerSession, [name = '']: readonly string[]): number {
  if (server.tables.has(name)) refuse(`table ${name} exists already`);
  server.change(undefined, name, { columns: ['id', 'n'], rows: new Map() });
  return 0;
}

function dropTable(server: MemoryServer, _: ServerSession, [name = '']: readonly string[]): number {
  tableOf(server, name);
  server.change(undefined, name, undefined);
  return 0;
}

function select(server: MemoryServer, _: ServerSession, [name = '', id]: readonly string[]): string {
  return String(tableOf(server, name).rows.get(Number(id)) ?? 0);
}

function result(rowsAffected: number): QueryResult {
  return { columns: [], rows: [], rowsAffected };
}

function refuse(message: string): never {
  throw new Fault('STATEMENT_FAILED', message);
}
