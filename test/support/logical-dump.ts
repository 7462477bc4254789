// Everything that databases hold, as text whose lines do not depend on the order of rows: equal dumps, equal databases.
// Written apart from the program's own comparing, so that the two can disagree.

import { openClient, type RawCell, type SqlClient } from './sql-client.ts';

type Row = Readonly<Record<string, RawCell>>;

/** Definitions, rows, views, triggers in their order, routines, events and privileges of these databases. */
export async function logicalDump(url: string, databases: readonly string[]): Promise<string> {
  const client = await openClient(url);
  try {
    const [server] = await client.query('SELECT version() AS version');
    const isMatrixone = /matrixone/i.test(server?.['version'] ?? '');
    const lines: string[] = [];
    const there = (await client.query('SHOW DATABASES')).flatMap((row) => Object.values(row).map(fromUtf8));
    for (const database of [...databases].sort()) {
      const isThere = there.includes(database);
      lines.push(`== database ${database}${isThere ? '' : ' is not there'}`);
      if (!isThere) continue;
      lines.push(...(await tablesOf(client, database, isMatrixone)));
      if (isMatrixone) continue;
      lines.push(...(await definition(client, `SHOW CREATE DATABASE ${name(database)}`)));
      lines.push(...(await programsOf(client, database)), ...(await privilegesOf(client, database)));
    }
    return `${lines.join('\n')}\n`;
  } finally {
    await client.close();
  }
}

async function tablesOf(client: SqlClient, database: string, isMatrixone: boolean): Promise<readonly string[]> {
  const lines: string[] = [];
  for (const row of sorted(await client.query(`SHOW FULL TABLES FROM ${name(database)}`))) {
    const [table = '', kind = ''] = Object.values(row).map(fromUtf8);
    const place = `${name(database)}.${name(table)}`;
    const word = kind === 'VIEW' ? 'VIEW' : kind === 'SEQUENCE' ? 'SEQUENCE' : 'TABLE';
    const created = await definition(client, `SHOW CREATE ${word} ${place}`);
    lines.push(`-- ${kind} ${table}`, ...created);
    if (word === 'VIEW') continue;
    const columns = isMatrixone ? '*' : await columnList(client, database, table);
    const hasHistory = kind === 'SYSTEM VERSIONED';
    // Without a PERIOD clause the two columns are there, but no list shows them.
    const hidden = hasHistory && !created.join().includes('PERIOD FOR SYSTEM_TIME') ? ', row_start, row_end' : '';
    const rows = await client.query(
      `SELECT ${columns}${hidden} FROM ${place}${hasHistory ? ' FOR SYSTEM_TIME ALL' : ''}`,
    );
    lines.push(`${rows.length} rows`, ...rows.map((one) => JSON.stringify(Object.values(one))).sort());
  }
  return lines;
}

/** Invisible and generated columns too; a FLOAT is printed with six digits unless it is made a DOUBLE. */
async function columnList(client: SqlClient, database: string, table: string): Promise<string> {
  const columns = await client.query(
    `SELECT column_name AS name, data_type AS type FROM information_schema.columns
     WHERE table_schema = ${text(database)} AND table_name = ${text(table)} ORDER BY ordinal_position`,
  );
  return columns
    .map(({ name: column, type }) => {
      const quoted = name(fromUtf8(column));
      return type === 'float' ? `${quoted} + 0e0 AS ${quoted}` : quoted;
    })
    .join(', ');
}

async function programsOf(client: SqlClient, database: string): Promise<readonly string[]> {
  const lines: string[] = [];
  const triggers = await client.query(
    `SELECT trigger_name AS name, event_object_table AS tbl, action_timing AS timing, event_manipulation AS event,
       action_order AS place FROM information_schema.triggers WHERE ${isNamed('trigger_schema', database)}`,
  );
  for (const trigger of sorted(triggers)) {
    lines.push(`-- TRIGGER ${JSON.stringify(Object.values(trigger))}`);
    lines.push(...(await definition(client, `SHOW CREATE TRIGGER ${placeOf(database, trigger)}`)));
  }
  const routines = await client.query(
    `SELECT routine_name AS name, routine_type AS kind FROM information_schema.routines
     WHERE ${isNamed('routine_schema', database)}`,
  );
  for (const routine of sorted(routines)) {
    lines.push(...(await definition(client, `SHOW CREATE ${routine['kind'] ?? ''} ${placeOf(database, routine)}`)));
  }
  const events = await client.query(
    `SELECT event_name AS name FROM information_schema.events WHERE ${isNamed('event_schema', database)}`,
  );
  for (const event of sorted(events)) {
    lines.push(...(await definition(client, `SHOW CREATE EVENT ${placeOf(database, event)}`)));
  }
  return lines;
}

/** The information schema takes `shop` and `Shop` for the same name, even where they are two databases. */
function isNamed(column: string, database: string): string {
  return `${column} = ${text(database)} AND CAST(${column} AS BINARY) = CAST(${text(database)} AS BINARY)`;
}

const PRIVILEGE_TABLES = ['db', 'tables_priv', 'columns_priv', 'procs_priv'];

async function privilegesOf(client: SqlClient, database: string): Promise<readonly string[]> {
  const lines: string[] = [];
  for (const table of PRIVILEGE_TABLES) {
    // The servers take a name for latin1 on its way into procs_priv.
    const taken = 'CONVERT(CAST(CONVERT(Db USING latin1) AS BINARY) USING utf8mb4)';
    const rows = await client.query(`SELECT * FROM mysql.${table} WHERE ${text(database)} IN (Db, ${taken})`);
    const facts = rows.map((row) => Object.entries(row).filter(([column]) => column !== 'Timestamp'));
    lines.push(...facts.map((fact) => `-- mysql.${table} ${JSON.stringify(fact)}`).sort());
  }
  return lines;
}

/** All that a SHOW CREATE tells, but for the time at which the object was made. */
async function definition(client: SqlClient, statement: string): Promise<readonly string[]> {
  const rows = await client.query(statement);
  return rows.map((row) =>
    Object.entries(row)
      .filter(([column]) => column !== 'Created')
      .map(([column, value]) => `${column}: ${value ?? 'NULL'}`)
      .join('\n'),
  );
}

function sorted(rows: readonly Row[]): readonly Row[] {
  const key = (row: Row): string => JSON.stringify(Object.values(row));
  return [...rows].sort((a, b) => (key(a) < key(b) ? -1 : 1));
}

function placeOf(database: string, row: Row): string {
  return `${name(database)}.${name(fromUtf8(row['name']))}`;
}

/** A cell holds one character per byte; names go back to the server as text. */
function fromUtf8(cell: RawCell | undefined): string {
  return Buffer.from(cell ?? '', 'latin1').toString('utf8');
}

function name(identifier: string): string {
  return `\`${identifier.replaceAll('`', '``')}\``;
}

function text(value: string): string {
  return `'${value.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
}
