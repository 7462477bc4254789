import { Fault, type TableRef } from '../../../kernel/index.ts';
import type { Session } from '../../port.ts';
import { quoteTable, quoteText } from '../../wire/quote.ts';
import { records, textOf } from '../copying-snapshots/result-rows.ts';
import type { FamilyServer } from '../copying-snapshots/session-pins.ts';

/**
 * Closes the tables that taking a baseline has left open in the server's cache. To tell how often a table was written
 * MySQL looks at all that is open, whatever table it is, and at some ten times the cost when that is more than two
 * thousand. Without the right to it they stay open.
 */
export async function closeTables(
  server: FamilyServer,
  session: Session,
  databases: readonly string[],
  signal?: AbortSignal,
): Promise<void> {
  if (server.flavour !== 'mysql') return;
  const options = signal === undefined ? {} : { signal };
  try {
    const names = databases.map(quoteText).join(', ');
    const sql = `SHOW OPEN TABLES WHERE in_use = 0 AND (\`database\` IN (${names}) OR \`database\` LIKE 'sb\\_%')`;
    const open = records(await session.query(sql, options), ['database', 'table']).map((row): TableRef => ({
      database: textOf(row.database),
      table: textOf(row.table),
    }));
    if (open.length > 0) await session.query(`FLUSH LOCAL TABLES ${open.map(quoteTable).join(', ')}`, options);
  } catch (error) {
    if (!(error instanceof Fault) || !HARMLESS.has(error.code)) throw error;
  }
}

const HARMLESS: ReadonlySet<string> = new Set(['PRIVILEGE_MISSING', 'STATEMENT_FAILED', 'LOCK_WAIT']);
