// Which accounts snapback is making, or has made, by name: a row is in the catalog of `sys` before the account is
// there.
// Invariant: an account is dropped only if a row says that it is half made, the process that made it is gone, and the
// account itself bears the mark of that row's run.

import { Fault, invariant, type RunId } from '../../../kernel/index.ts';
import type { Session } from '../../port.ts';
import { catalogTable, ensureCatalog, inTransaction, readCatalog } from '../catalog.ts';
import { literal } from '../literal.ts';
import { processList } from '../process-list.ts';
import { NOW, one } from '../session.ts';

const ACCOUNTS = catalogTable('accounts');

export interface AccountRow {
  readonly run: RunId;
  readonly state: 'making' | 'made';
  /** The server's name of the session that makes it. */
  readonly token: string;
}

/** What stands under a name, on the server and in the catalog. */
export interface Standing {
  readonly exists: boolean;
  readonly comment: string;
  readonly row: AccountRow | undefined;
}

export async function standingOf(session: Session, account: string, signal: AbortSignal): Promise<Standing> {
  const name = literal(account);
  const sql = `SELECT comments FROM mo_catalog.mo_account WHERE account_name = ${name}`;
  const { rows } = await session.query(sql, { signal });
  const columns = `SELECT run, state, token FROM ${ACCOUNTS} WHERE name = ${name}`;
  const [row] = await readCatalog(session, columns, signal);
  const [run, state, token = ''] = row ?? [];
  return {
    exists: rows.length > 0,
    comment: rows[0]?.[0] ?? '',
    row: row === undefined ? undefined : { run: run as RunId, state: state as AccountRow['state'], token },
  };
}

/** What a half-made account says of itself. */
export function markOf(run: RunId): string {
  return `half made by snapback run ${run}`;
}

/**
 * What an earlier try left under this name: nothing, or an account that may be dropped.
 *
 * @throws {Fault} SNAPSHOT_REFUSED when the name is taken; SCOPE_BUSY while another process makes it.
 */
export async function assertFree(
  session: Session,
  { account, run }: { readonly account: string; readonly run: RunId },
  signal: AbortSignal,
): Promise<'free' | 'half-made' | 'made-by-us'> {
  const { exists, comment, row } = await standingOf(session, account, signal);
  if (row?.state === 'making' && row.run !== run) {
    const maker = (await processList(session, signal)).find(({ token }) => token === row.token);
    if (maker !== undefined) {
      throw new Fault(
        'SCOPE_BUSY',
        `account ${account} is being made by run ${row.run}, on connection ${maker.connectionId}`,
      );
    }
  }
  if (!exists) return 'free';
  if (row?.state === 'made' && row.run === run) return 'made-by-us';
  if (row?.state === 'making' && comment === markOf(row.run)) return 'half-made';
  throw new Fault('SNAPSHOT_REFUSED', `an account ${account} is there already`, {
    hint: 'Nothing was changed. Name another one: an account that is there is never overwritten.',
  });
}

/** Enters the intent before the account is created. Of two processes that come at once, one is refused. */
export async function intend(
  session: Session,
  { account, run }: { readonly account: string; readonly run: RunId },
  signal: AbortSignal,
): Promise<'free' | 'half-made' | 'made-by-us'> {
  await ensureCatalog(session, signal);
  const own = (await processList(session, signal)).find(
    ({ connectionId }) => connectionId === session.identity.connectionId,
  );
  invariant(own !== undefined, 'a list of sessions with its reader in it');
  let found: Awaited<ReturnType<typeof assertFree>> = 'free';
  await inTransaction(session, signal, async () => {
    await one(session, `SELECT id FROM ${catalogTable('identity')} WHERE pin = 1 FOR UPDATE`, signal);
    found = await assertFree(session, { account, run }, signal);
    if (found === 'made-by-us') return;
    // A half-made account keeps its row, with the run whose mark it bears, until it is gone.
    if (found === 'free') await write(session, account, { run, state: 'making', token: own.token }, signal);
    await session.query(`UPDATE ${catalogTable('identity')} SET created_at = created_at WHERE pin = 1`, { signal });
  });
  return found;
}

export async function markMade(
  session: Session,
  { account, run }: { readonly account: string; readonly run: RunId },
  signal: AbortSignal,
): Promise<void> {
  await write(session, account, { run, state: 'made', token: '' }, signal);
}

export async function forget(session: Session, account: string, signal: AbortSignal): Promise<void> {
  await session.query(`DELETE FROM ${ACCOUNTS} WHERE name = ${literal(account)}`, { signal });
}

async function write(session: Session, account: string, { run, state, token }: AccountRow, signal: AbortSignal) {
  const values = [account, run, state, token].map(literal).join(', ');
  await session.query(`REPLACE INTO ${ACCOUNTS} VALUES (${values}, ${NOW})`, { signal });
}
