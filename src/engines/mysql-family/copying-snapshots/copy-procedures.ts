// A procedure per table that copies it row by row through a cursor. A cursor reads the session's consistent snapshot;
// INSERT .. SELECT, which would be quicker, reads what is committed by then.

import { Fault } from '../../../kernel/index.ts';
import type { Session } from '../../port.ts';
import { quoteName, quoteTable } from '../../wire/quote.ts';
import { among } from './columns.ts';
import type { CopyJob } from './copy-rows.ts';
import { isNamed } from './exact-name.ts';
import { labelOf } from './model.ts';
import { records, textOf } from './result-rows.ts';

/** Creates the procedures of these jobs; those that are there under their names go first. */
export async function createProcedures(session: Session, jobs: readonly CopyJob[], signal: AbortSignal): Promise<void> {
  const types = await variableTypes(session, jobs, signal);
  for (const job of jobs) {
    try {
      await session.query(`DROP PROCEDURE IF EXISTS ${procedureOf(job)}`, { signal });
      await session.query(procedureSql(job, types.get(labelOf(job.table)) ?? new Map()), { signal });
    } catch (error) {
      throw asRefusal(error, job);
    }
  }
}

export async function dropProcedures(session: Session, jobs: readonly CopyJob[], signal: AbortSignal): Promise<void> {
  for (const job of jobs) await session.query(`DROP PROCEDURE IF EXISTS ${procedureOf(job)}`, { signal });
}

export function callSql(job: CopyJob): string {
  return `CALL ${procedureOf(job)}()`;
}

/** Named as its table: no two tables of a database share a name. */
function procedureOf({ to }: CopyJob): string {
  return quoteTable(to);
}

function procedureSql({ table, from, to }: CopyJob, types: ReadonlyMap<string, string>): string {
  const columns = table.columns.map(({ name }) => quoteName(name)).join(', ');
  const variables = table.columns.map((_, at) => `v${at}`);
  const period = table.isVersioned ? ' FOR SYSTEM_TIME ALL' : '';
  const declared = table.columns.map(({ name, type }, at) => `DECLARE v${at} ${types.get(name) ?? type};`);
  return `CREATE PROCEDURE ${procedureOf({ table, from, to })}() SQL SECURITY INVOKER
BEGIN
  DECLARE is_over BOOLEAN DEFAULT FALSE;
  ${declared.join('\n  ')}
  DECLARE live CURSOR FOR SELECT ${columns} FROM ${quoteTable(from)}${period};
  DECLARE CONTINUE HANDLER FOR NOT FOUND SET is_over = TRUE;
  OPEN live;
  copying: LOOP
    FETCH live INTO ${variables.join(', ')};
    IF is_over THEN LEAVE copying; END IF;
    INSERT INTO ${quoteTable(to)} (${columns}) VALUES (${variables.join(', ')});
  END LOOP;
  CLOSE live;
END`;
}

/** What a variable must be to carry each column's values: by table's label, then by column. */
async function variableTypes(
  session: Session,
  jobs: readonly CopyJob[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, ReadonlyMap<string, string>>> {
  const types = new Map<string, Map<string, string>>();
  for (const database of new Set(jobs.map(({ from }) => from.database))) {
    const tables = jobs.filter(({ from }) => from.database === database).map(({ from }) => from.table);
    const result = await session.query(
      `SELECT table_name, column_name, column_type, character_set_name, collation_name
       FROM information_schema.columns WHERE ${isNamed('table_schema', database)}${among(tables)}`,
      { signal },
    );
    for (const row of records(result, ['table', 'column', 'type', 'charset', 'collation'])) {
      const label = `${database}.${textOf(row.table)}`;
      const known = types.get(label) ?? new Map<string, string>();
      const text = row.charset === null ? '' : ` CHARACTER SET ${row.charset} COLLATE ${textOf(row.collation)}`;
      known.set(textOf(row.column), `${withoutComments(textOf(row.type))}${text}`);
      types.set(label, known);
    }
  }
  return types;
}

/** `longtext /*M!100301 COMPRESSED*\/`: how a column stores its values is no business of a variable. */
function withoutComments(type: string): string {
  return type.replace(/ \/\*.*?\*\//g, '');
}

function asRefusal(error: unknown, { table, to }: CopyJob): unknown {
  if (!(error instanceof Fault)) return error;
  const how = '`lock: brief` copies through a procedure';
  if (error.code === 'PRIVILEGE_MISSING') {
    const rights = 'CREATE ROUTINE, ALTER ROUTINE and EXECUTE on `sb\\_%`.*';
    const hint = `Let an administrator grant ${rights}, or use \`lock: held\`.`;
    return new Fault('SNAPSHOT_REFUSED', `${how}, which may not be made in ${to.database}: ${error.message}`, {
      hint: `Nothing was changed. ${hint}`,
      cause: error,
    });
  }
  if (error.code !== 'STATEMENT_FAILED') return error;
  return new Fault('SNAPSHOT_REFUSED', `${how}, and this server takes none for table ${labelOf(table)}`, {
    hint: `Nothing was changed. Use \`lock: held\`. The server said: ${error.message}`,
    cause: error,
  });
}
