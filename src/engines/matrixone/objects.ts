// What there is in databases, now or at a snapshot: names, definitions, columns.

import type { ObjectKind, TableRef } from '../../kernel/index.ts';
import type { Session } from '../port.ts';
import { quoteName, quoteTable } from '../wire/quote.ts';
import { coversDatabase, coversTable, type Extent } from './extent.ts';
import { literals } from './literal.ts';
import { texts } from './session.ts';
import { atMoment } from './statements.ts';

export interface Column {
  readonly name: string;
  /** The server's word for the type in lower case, without a length. */
  readonly type: string;
}

export interface DescribedObject {
  readonly kind: Extract<ObjectKind, 'table' | 'view' | 'sequence'>;
  readonly database: string;
  readonly name: string;
  /** True for a table whose rows are files elsewhere. */
  readonly isExternal: boolean;
  /** What SHOW CREATE prints; of a view, the text that made it. */
  readonly definition: string;
  /** In their order, hidden ones left out; of tables only. */
  readonly columns: readonly Column[];
  readonly primaryKey: readonly string[];
}

export interface Description {
  /** The databases of the extent that are there. */
  readonly databases: readonly string[];
  /** Sorted by name. */
  readonly objects: readonly DescribedObject[];
}

const KINDS: Readonly<Record<string, DescribedObject['kind']>> = { r: 'table', e: 'table', v: 'view', S: 'sequence' };
/**
 * The number of another account, whose objects are meant: only snapshots of that account show them. Undefined: the
 * account that logs in.
 */
export type Owner = string | undefined;

/** The lists of `sys` hold the objects of all accounts. */
export function ownedBy(owner: Owner): string {
  return `account_id = ${owner === undefined ? 'current_account_id()' : String(BigInt(owner))}`;
}

/** Columns and tables that the server made for itself. */
const HIDDEN_PREFIX = '__mo_';

export type ListedObject = Pick<DescribedObject, 'kind' | 'database' | 'name' | 'isExternal'>;

/** Names alone, sorted. `at` names a snapshot on the server; undefined is now. */
export async function listObjects(
  session: Session,
  extent: Extent,
  at: string | undefined,
  signal: AbortSignal,
  owner?: Owner,
): Promise<{ readonly databases: readonly string[]; readonly objects: readonly ListedObject[] }> {
  const databases =
    extent.isWhole || extent.databases.length > 0
      ? (await databasesThere(session, at, signal, owner)).filter((name) => coversDatabase(extent, name))
      : [];
  const used = databasesIn(extent, databases);
  if (used.length === 0) return { databases: [], objects: [] };
  const listed = await texts(
    session,
    `SELECT reldatabase, relname, relkind FROM mo_catalog.mo_tables${atMoment(at)}` +
      ` WHERE ${ownedBy(owner)} AND reldatabase IN (${literals(used)})${only('relname', extent)}` +
      " AND relkind IN ('r', 'v', 'S', 'e')",
    signal,
  );
  const objects = listed
    .filter(
      ([database = '', table = '']) => !table.startsWith(HIDDEN_PREFIX) && coversTable(extent, { database, table }),
    )
    .map(([database = '', name = '', relkind = '']) => ({
      kind: KINDS[relkind] ?? 'table',
      database,
      name,
      isExternal: relkind === 'e',
    }));
  return { databases, objects: objects.sort((a, b) => (objectLabel(a) < objectLabel(b) ? -1 : 1)) };
}

/** Everything in the extent. `at` names a snapshot on the server; undefined is now. */
export async function describe(
  session: Session,
  extent: Extent,
  at: string | undefined,
  signal: AbortSignal,
  owner?: Owner,
): Promise<Description> {
  const { databases, objects: listed } = await listObjects(session, extent, at, signal, owner);
  if (listed.length === 0) return { databases, objects: [] };
  const used = databasesIn(extent, databases);
  const columns = await columnsOf(session, { databases: used, extent, at, owner }, signal);
  const objects: DescribedObject[] = [];
  for (const object of listed) {
    const { kind, database, name } = object;
    const own = kind === 'table' ? (columns.get(`${database}\0${name}`) ?? []) : [];
    objects.push({
      ...object,
      definition: await definitionOf(session, kind, { database, table: name }, at, signal),
      columns: own.map(({ column }) => column),
      primaryKey: own.filter(({ isKey }) => isKey).map(({ column }) => column.name),
    });
  }
  return { databases, objects };
}

/** Those that are taken whole, and those of single tables. */
function databasesIn({ tables }: Extent, whole: readonly string[]): readonly string[] {
  return [...new Set([...whole, ...tables.map(({ database }) => database)])].sort();
}

/** Above so many, all names of their databases are read. */
const NAMES_MAX = 50;

/** For the tables of an extent that is of few: the server need not read what there is besides them. */
function only(column: string, { isWhole, databases, tables }: Extent): string {
  if (isWhole || databases.length > 0 || tables.length > NAMES_MAX) return '';
  return ` AND ${column} IN (${literals([...new Set(tables.map(({ table }) => table))])})`;
}

export function objectLabel({ database, name }: Pick<DescribedObject, 'database' | 'name'>): string {
  return `${database}.${name}`;
}

/** Names of all databases of this account, sorted. */
export async function databasesThere(
  session: Session,
  at: string | undefined,
  signal: AbortSignal,
  owner?: Owner,
): Promise<readonly string[]> {
  const sql = `SELECT datname FROM mo_catalog.mo_database${atMoment(at)} WHERE ${ownedBy(owner)} ORDER BY datname`;
  return (await texts(session, sql, signal)).map(([name = '']) => name);
}

interface ColumnsRequest {
  readonly databases: readonly string[];
  readonly extent: Extent;
  readonly at: string | undefined;
  readonly owner: Owner;
}

async function columnsOf(session: Session, request: ColumnsRequest, signal: AbortSignal) {
  const rows = await texts(session, columnsSql(request), signal);
  const byTable = new Map<string, { column: Column; isKey: boolean; position: number }[]>();
  for (const [database = '', table = '', name = '', type = '', key = '', position = ''] of rows) {
    if (name.startsWith(HIDDEN_PREFIX)) continue;
    const label = `${database}\0${table}`;
    const own = byTable.get(label) ?? [];
    own.push({ column: { name, type: type.toLowerCase() }, isKey: key === 'PRI', position: Number(position) });
    byTable.set(label, own);
  }
  for (const own of byTable.values()) own.sort((a, b) => a.position - b.position);
  return byTable;
}

/** The view of the columns shows those of the account that logs in, whatever the snapshot: hence the list below it. */
function columnsSql({ databases, extent, at, owner }: ColumnsRequest): string {
  const names = literals(databases);
  if (owner === undefined) {
    return (
      'SELECT table_schema, table_name, column_name, data_type, column_key, ordinal_position' +
      ` FROM information_schema.columns${atMoment(at)} WHERE table_schema IN (${names})${only('table_name', extent)}`
    );
  }
  return (
    'SELECT att_database, att_relname, attname, mo_show_visible_bin(atttyp, 2),' +
    " CASE WHEN att_constraint_type = 'p' THEN 'PRI' ELSE '' END, attnum" +
    ` FROM mo_catalog.mo_columns${atMoment(at)} WHERE ${ownedBy(owner)} AND att_database IN (${names})` +
    only('att_relname', extent)
  );
}

async function definitionOf(
  session: Session,
  kind: DescribedObject['kind'],
  ref: TableRef,
  at: string | undefined,
  signal: AbortSignal,
): Promise<string> {
  if (kind === 'sequence') return `sequence ${quoteName(ref.table)}`;
  const word = kind === 'view' ? 'VIEW' : 'TABLE';
  const [row] = await texts(session, `SHOW CREATE ${word} ${quoteTable(ref)}${atMoment(at)}`, signal);
  return row?.[1] ?? '';
}

/** The server's number of each table or database: a restore that did something changes it. */
export async function relationIds(
  session: Session,
  databases: readonly string[],
  at: string | undefined,
  signal: AbortSignal,
  owner?: Owner,
): Promise<{ readonly databases: ReadonlyMap<string, string>; readonly tables: ReadonlyMap<string, string> }> {
  const names = literals(databases);
  const own = await texts(
    session,
    `SELECT datname, CAST(dat_id AS CHAR) FROM mo_catalog.mo_database${atMoment(at)}` +
      ` WHERE ${ownedBy(owner)} AND datname IN (${names})`,
    signal,
  );
  const tables = await texts(
    session,
    `SELECT reldatabase, relname, CAST(rel_id AS CHAR) FROM mo_catalog.mo_tables${atMoment(at)}` +
      ` WHERE ${ownedBy(owner)} AND reldatabase IN (${names}) AND relkind IN ('r', 'v', 'S', 'e')`,
    signal,
  );
  return {
    databases: new Map(own.map(([name = '', id = '']) => [name, id])),
    tables: new Map(tables.map(([database = '', table = '', id = '']) => [`${database}.${table}`, id])),
  };
}
