// Server-wide counters that stand still while nothing is written. Read before what they vouch for.

import { systemClock } from '../../../kernel/index.ts';
import type { Session } from '../../port.ts';
import type { FamilyServer } from '../copying-snapshots/session-pins.ts';
import { records, textOf } from '../copying-snapshots/result-rows.ts';

export interface Marks {
  /** Moves with every write of a row, every try of one, and all of the below. */
  readonly writes: string;
  /** Moves when triggers, views, routines or events may have changed, or a table's name. */
  readonly programs: string;
  /** Moves when a table may have been created, altered or dropped. */
  readonly tables: string;
  /** Moves when a table may have been emptied at a stroke, which shows in none of its own times. */
  readonly emptied: string;
  /** Moves when tables may have changed their names. */
  readonly renamed: string;
  /** Moves with every ALTER TABLE, of which some change a name too. */
  readonly altered: string;
  /** For how many seconds the server has run, and when it said so. */
  readonly uptime: number;
  readonly saidAtMs: number;
  /** True where the counters of tables are whole: none was lost for want of room. */
  readonly isCounting: boolean;
}

const PROGRAMS = [
  ...['create_trigger', 'drop_trigger', 'create_view', 'drop_view', 'create_event', 'alter_event', 'drop_event'],
  ...['create_procedure', 'alter_procedure', 'drop_procedure', 'create_function', 'alter_function', 'drop_function'],
  ...['create_package', 'create_package_body', 'drop_package', 'drop_package_body', 'create_spfunction'],
  ...['create_db', 'alter_db', 'drop_db', 'rename_table'],
  ...['create_sequence', 'alter_sequence', 'drop_sequence'],
];
const TABLES = [
  ...['alter_table', 'create_table', 'drop_table', 'rename_table', 'create_index', 'drop_index', 'truncate'],
  ...['optimize', 'repair', 'create_db', 'drop_db', 'import', 'alter_tablespace'],
];
const WRITES = [
  ...['insert', 'insert_select', 'update', 'update_multi', 'delete', 'delete_multi', 'replace', 'replace_select'],
  ...['load', 'import', 'rollback', 'rollback_to_savepoint', 'xa_commit', 'xa_rollback', 'ha_open'],
];
const ROWS = ['Innodb_rows_inserted', 'Innodb_rows_updated', 'Innodb_rows_deleted', 'Handler_update', 'Handler_delete'];
// Not on MySQL: there even a question about the counters writes a temporary table.
const MARIADB_ROWS = ['Handler_write', 'Innodb_lsn_current'];
// A transaction that this login may not see shows in what it wrote when it ends; MariaDB's log moves then as well.
const MYSQL_WRITES = ['begin', 'commit'];
const LOST = ['Performance_schema_table_instances_lost', 'Performance_schema_table_handles_lost'];

/** Uptimes are told in whole seconds. */
const UPTIME_ERROR_SECONDS = 2;

const COMMANDS = [...new Set([...PROGRAMS, ...TABLES, ...WRITES, ...MYSQL_WRITES])].map((name) => `Com_${name}`);

export async function readMarks(session: Session, { flavour }: FamilyServer, signal: AbortSignal): Promise<Marks> {
  const rows = flavour === 'mariadb' ? [...ROWS, ...MARIADB_ROWS] : ROWS;
  const names = [...COMMANDS, ...rows, ...LOST, 'Uptime'].map((name) => `'${name}'`).join(',');
  const saidAtMs = systemClock.nowMs();
  // performance_schema.global_status leaves the counters of commands out.
  const result = await session.query(`SHOW GLOBAL STATUS WHERE variable_name IN (${names})`, { signal });
  const values = new Map(
    records(result, ['name', 'value']).map(({ name, value }) => [textOf(name).toLowerCase(), textOf(value)]),
  );
  const read = (wanted: readonly string[]): string =>
    wanted.map((name) => values.get(name.toLowerCase()) ?? '-').join(' ');
  const commands = (wanted: readonly string[]): string => read(wanted.map((name) => `Com_${name}`));
  return {
    writes: `${commands(flavour === 'mariadb' ? WRITES : [...WRITES, ...MYSQL_WRITES])} ${read(rows)}`,
    programs: commands(PROGRAMS),
    tables: commands(TABLES),
    emptied: commands(['truncate', 'alter_table']),
    renamed: commands(['rename_table']),
    altered: commands(['alter_table']),
    uptime: Number(values.get('uptime') ?? '0'),
    saidAtMs,
    isCounting: LOST.every((name) => (values.get(name.toLowerCase()) ?? '0') === '0'),
  };
}

/** True when nothing was written on the server between the two. */
export function isStill(before: Marks, now: Marks): boolean {
  return (
    isSameServer(before, now) &&
    before.writes === now.writes &&
    before.programs === now.programs &&
    before.tables === now.tables
  );
}

/** False for a server that was started anew, and now and then, to be sure, for one that was not. */
export function isSameServer(before: Marks, now: Marks): boolean {
  const passed = (now.saidAtMs - before.saidAtMs) / 1000;
  return Math.abs(now.uptime - before.uptime - passed) <= UPTIME_ERROR_SECONDS;
}

/** `now`, with rows written since by nobody but us: the next look goes beyond the marks. */
export function withOwnWrites(now: Marks): Marks {
  return { ...now, writes: 'ours' };
}
