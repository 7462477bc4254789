import { Fault } from '../../../kernel/index.ts';
import type { Session } from '../../port.ts';
import { quoteText } from '../../wire/quote.ts';
import { records, textOf } from '../copying-snapshots/result-rows.ts';
import { isAtLeast, type FamilyServer } from '../copying-snapshots/session-pins.ts';

/** What the server tells of a table without reading it. */
export interface TableState {
  readonly engine: string;
  /** Seconds of the server's clock, or null where it does not tell. */
  readonly created: number | null;
  readonly updated: number | null;
  readonly autoIncrement: string | null;
}

export interface TableStates {
  /** A second of the server's clock that no time which it gives to a table from now on comes before. */
  readonly second: number;
  readonly byName: ReadonlyMap<string, TableState>;
}

/** Times of tables and files come from a clock that is as coarse as the kernel's tick: at the edge it is behind. */
const TICK_SECONDS = 0.1;

/** The tables of the database by name, or those of `only`; views and sequences left out. */
export async function readTableStates(
  session: Session,
  database: string,
  only: readonly string[] | undefined,
  signal: AbortSignal,
): Promise<TableStates> {
  if (only?.length === 0) return { second: 0, byName: new Map() };
  const among = only === undefined ? '' : ` AND table_name IN (${only.map(quoteText).join(', ')})`;
  const result = await session.query(
    // The clock is that of the start of the statement, before any table is looked at.
    `SELECT table_name, engine, UNIX_TIMESTAMP(create_time), UNIX_TIMESTAMP(update_time), auto_increment,
       UNIX_TIMESTAMP(NOW(6))
     FROM information_schema.tables WHERE table_schema = ${quoteText(database)}
     AND table_type IN ('BASE TABLE', 'SYSTEM VERSIONED')${among}`,
    { signal },
  );
  const seconds = (cell: string | null): number | null => (cell === null ? null : Number(cell));
  const rows = records(result, ['name', 'engine', 'created', 'updated', 'autoIncrement', 'now']);
  const byName = new Map(
    rows.map((row): [string, TableState] => [
      textOf(row.name),
      {
        engine: (row.engine ?? '').toLowerCase(),
        created: seconds(row.created),
        updated: seconds(row.updated),
        autoIncrement: row.autoIncrement,
      },
    ]),
  );
  return { second: Math.floor(Number(rows[0]?.now ?? 0) - TICK_SECONDS), byName };
}

/**
 * What stays with the rows of a table when it gets another name, by the name that it has now: on MySQL no time of a
 * table tells. Those of InnoDB without partitions and with a plain name; none where this login may not ask.
 */
export async function readTableIds(
  session: Session,
  database: string,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, string>> {
  try {
    const result = await session.query('SELECT name, table_id FROM information_schema.innodb_tables', { signal });
    const folder = `${database}/`;
    const own = records(result, ['name', 'id']).filter(({ name }) => textOf(name).startsWith(folder));
    return new Map(own.map(({ name, id }) => [textOf(name).slice(folder.length), textOf(id)]));
  } catch (error) {
    if (error instanceof Fault && error.code === 'PRIVILEGE_MISSING') return new Map();
    throw error;
  }
}

/**
 * How often rows of each table were written since the server started, those of cascades included; undefined where
 * performance_schema does not count all of them, or this login may not ask.
 */
export async function readRowCounters(
  server: FamilyServer,
  session: Session,
  database: string,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, string> | undefined> {
  if (server.flavour !== 'mysql' || !isAtLeast(server, '9.6.0')) return undefined;
  try {
    const sql = `SELECT NULL, ${COUNTS_ALL} UNION ALL ${countersSql(database)}`;
    const rows = records(await session.query(sql, { signal }), ['name', 'count']);
    if (rows.find(({ name }) => name === null)?.count !== '1') return undefined;
    return new Map(rows.flatMap(({ name, count }) => (name === null ? [] : [[name, textOf(count)]])));
  } catch (error) {
    if (error instanceof Fault && error.code === 'PRIVILEGE_MISSING') return undefined;
    throw error;
  }
}

/** Those of some tables, where all of them have just been read. */
export async function readSomeCounters(
  session: Session,
  database: string,
  names: readonly string[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, string>> {
  if (names.length === 0) return new Map();
  const sql = `${countersSql(database)} AND object_name IN (${names.map(quoteText).join(', ')})`;
  const rows = records(await session.query(sql, { signal }), ['name', 'count']);
  return new Map(rows.map(({ name, count }) => [textOf(name), textOf(count)]));
}

function countersSql(database: string): string {
  return `SELECT object_name, CONCAT(count_insert, ' ', count_update, ' ', count_delete)
    FROM performance_schema.table_io_waits_summary_by_table
    WHERE object_type = 'TABLE' AND object_schema = ${quoteText(database)}
      AND count_insert + count_update + count_delete > 0`;
}

const COUNTS_ALL = `@@performance_schema AND NOT @@innodb_native_foreign_keys AND
  (SELECT COUNT(*) = 1 FROM performance_schema.setup_instruments
   WHERE name = 'wait/io/table/sql/handler' AND enabled = 'YES') AND
  (SELECT COUNT(*) = 1 FROM performance_schema.setup_consumers
   WHERE name = 'global_instrumentation' AND enabled = 'YES') AND
  (SELECT COUNT(*) = 1 FROM performance_schema.setup_actors
   WHERE host = '%' AND user = '%' AND role = '%' AND enabled = 'YES') AND
  (SELECT COUNT(*) = 0 FROM performance_schema.setup_actors WHERE enabled <> 'YES') AND
  (SELECT COUNT(*) = 0 FROM performance_schema.threads WHERE type = 'FOREGROUND' AND instrumented <> 'YES') AND
  (SELECT COUNT(*) = 0 FROM performance_schema.setup_objects WHERE object_type = 'TABLE' AND enabled <> 'YES'
   AND object_schema NOT IN ('mysql', 'performance_schema', 'information_schema')) AND
  (SELECT COUNT(*) = 1 FROM performance_schema.setup_objects WHERE object_type = 'TABLE' AND enabled = 'YES'
   AND object_schema = '%' AND object_name = '%')`;
