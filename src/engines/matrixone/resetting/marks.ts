// What a reset looks at to find what was touched: the server's own rows about the objects, and a fingerprint of each
// table. Nothing cheaper on this server tells that rows were written.

import { sha256 } from '../../../kernel/index.ts';
import type { Session } from '../../port.ts';
import { refOf } from '../compare.ts';
import { readContent } from '../contents.ts';
import { literal } from '../literal.ts';
import type { DescribedObject } from '../objects.ts';
import { texts } from '../session.ts';

const OWN = 'account_id = current_account_id()';

/** Another text after every change of a definition, and after a table was made anew. */
export async function definitionMark(session: Session, database: string, signal: AbortSignal): Promise<string> {
  const name = literal(database);
  const tables =
    'SELECT relname, md5(serial_full(rel_id, relkind, rel_comment, rel_createsql, viewdef, `constraint`, rel_version,' +
    ` catalog_version)) FROM mo_catalog.mo_tables WHERE ${OWN} AND reldatabase = ${name}`;
  const columns =
    'SELECT att_relname, attname, md5(serial_full(atttyp, attnum, attnotnull, atthasdef, att_default,' +
    ' att_constraint_type, att_is_auto_increment, att_comment)) FROM mo_catalog.mo_columns' +
    ` WHERE ${OWN} AND att_database = ${name}`;
  const databases =
    'SELECT CAST(dat_id AS CHAR), dat_createsql FROM mo_catalog.mo_database' + ` WHERE ${OWN} AND datname = ${name}`;
  const rows: string[] = [];
  for (const sql of [tables, columns, databases]) {
    rows.push(...(await texts(session, sql, signal)).map((row) => JSON.stringify(row)).sort());
  }
  return sha256(rows.join('\n'));
}

/** What each table holds, by its name. Reads everything. */
export async function contentsOf(
  session: Session,
  objects: readonly DescribedObject[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, string>> {
  const contents = new Map<string, string>();
  for (const object of objects.filter(({ kind }) => kind === 'table')) {
    const { rowCount, fingerprint } = await readContent(session, refOf(object), object.columns, undefined, signal);
    contents.set(object.name, `${rowCount} ${fingerprint}`);
  }
  return contents;
}
