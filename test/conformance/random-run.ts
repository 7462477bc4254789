// Sends generated statements, with what is there at that moment in the place of numbers.

import { openClient, type SqlClient, type TestServer } from '../support/servers.ts';

export interface RandomNames {
  readonly databases: readonly [string, string];
  readonly outside: string;
}

const q = (name: string): string => `\`${name.replaceAll('`', '``')}\``;
const utf8 = (cell: string | null | undefined): string => Buffer.from(cell ?? '', 'latin1').toString('utf8');

/** Returns the statements that the server took, as they were sent. */
export async function sayAll(
  server: TestServer,
  names: RandomNames,
  statements: readonly string[],
): Promise<readonly string[]> {
  const client = await openClient(server.url);
  const taken: string[] = [];
  try {
    let isRefused = false;
    for (const statement of statements) {
      const isStandIn = statement.startsWith('?');
      if (isStandIn && !isRefused) continue;
      const sql = await filledIn(client, names, statement.replace(/^\?/, ''));
      const isDone = sql !== undefined && (await isTaken(client, sql));
      if (isDone) taken.push(sql);
      if (!isStandIn) isRefused = !isDone;
    }
  } finally {
    await client.close();
  }
  return taken;
}

async function isTaken(client: SqlClient, sql: string): Promise<boolean> {
  try {
    await client.query(sql);
    return true;
  } catch (error) {
    // The server's own refusals have a number; a lost connection has none, and is a failure.
    if (typeof (error as { sqlState?: unknown }).sqlState !== 'string') throw error;
    return false;
  }
}

async function filledIn(
  client: SqlClient,
  { databases, outside }: RandomNames,
  statement: string,
): Promise<string | undefined> {
  let sql = statement;
  if (/@[TPCF]/.test(sql) || sql.includes('@DBOF')) {
    const tables = await namesOf(
      client,
      databases,
      "SELECT table_schema, table_name FROM information_schema.tables WHERE table_type <> 'VIEW'",
      'table_schema',
    );
    const table = (at: number): string | undefined => tables[at % Math.max(tables.length, 1)]?.map(q).join('.');
    const first = /@T(\d)@/.exec(sql)?.[1];
    if (first !== undefined && tables.length === 0) return undefined;
    const own = tables[Number(first ?? 0) % Math.max(tables.length, 1)];
    sql = sql.replaceAll(/@DBOF:@T(\d)@@/g, (_, at: string) => q(tables[Number(at) % tables.length]?.[0] ?? ''));
    sql = sql.replaceAll(/@T(\d)@/g, (_, at: string) => table(Number(at)) ?? '');
    if (/@C\d@/.test(sql)) sql = await withColumns(client, own ?? [], sql);
    if (sql.includes('@FK@')) sql = await withConstraint(client, own ?? [], sql);
    if (/@P\d@/.test(sql)) sql = await withProgram(client, databases, sql);
  }
  const [one, other] = databases;
  return sql.replaceAll('@DB0@', q(one)).replaceAll('@DB1@', q(other)).replaceAll('@OUT@', q(outside));
}

async function namesOf(client: SqlClient, databases: readonly string[], select: string, column: string) {
  const joint = select.includes('WHERE') ? 'AND' : 'WHERE';
  const rows = await client.query(
    `${select} ${joint} ${column} IN (${databases.map((name) => `'${name}'`).join(', ')}) ORDER BY 1, 2`,
  );
  return rows.map((row) => Object.values(row).map(utf8));
}

async function withColumns(
  client: SqlClient,
  [database = '', table = '']: readonly string[],
  sql: string,
): Promise<string> {
  const rows = await client.query(
    `SELECT column_name AS name FROM information_schema.columns 
     WHERE table_schema = '${database}' AND table_name = ${text(table)} AND column_name <> 'id'
     ORDER BY ordinal_position`,
  );
  return sql.replaceAll(/@C(\d)@/g, (_, at: string) =>
    q(utf8(rows[Number(at) % Math.max(rows.length, 1)]?.['name'] ?? 'id')),
  );
}

async function withConstraint(
  client: SqlClient,
  [database = '', table = '']: readonly string[],
  sql: string,
): Promise<string> {
  const [row] = await client.query(
    `SELECT constraint_name AS name FROM information_schema.table_constraints 
     WHERE table_schema = '${database}' AND table_name = ${text(table)}
     AND constraint_type IN ('FOREIGN KEY', 'CHECK') ORDER BY 1`,
  );
  return sql.replaceAll('@FK@', q(utf8(row?.['name'] ?? 'none')));
}

/** A view, trigger, routine or event, with its kind in front: `VIEW a.b`. */
async function withProgram(client: SqlClient, databases: readonly string[], sql: string): Promise<string> {
  const views = await namesOf(
    client,
    databases,
    "SELECT 'VIEW', table_schema, table_name FROM information_schema.views",
    'table_schema',
  );
  const triggers = await namesOf(
    client,
    databases,
    "SELECT 'TRIGGER', trigger_schema, trigger_name FROM information_schema.triggers",
    'trigger_schema',
  );
  const routines = await namesOf(
    client,
    databases,
    'SELECT routine_type, routine_schema, routine_name FROM information_schema.routines',
    'routine_schema',
  );
  const events = await namesOf(
    client,
    databases,
    "SELECT 'EVENT', event_schema, event_name FROM information_schema.events",
    'event_schema',
  );
  const all = [...views, ...triggers, ...routines, ...events];
  return sql.replaceAll(/@P(\d)@/g, (_, at: string) => {
    const [kind = 'VIEW', database = 'none', name = 'none'] = all[Number(at) % Math.max(all.length, 1)] ?? [];
    return `${kind} ${q(database)}.${q(name)}`;
  });
}

/** A literal whatever the sql_mode. */
function text(value: string): string {
  return `CONVERT(x'${Buffer.from(value, 'utf8').toString('hex')}' USING utf8mb4)`;
}
