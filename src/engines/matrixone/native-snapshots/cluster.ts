// The other accounts of a cluster: at a snapshot of it `sys` sees which objects they have, and not their rows.

import type { ObjectDifference } from '../../../kernel/index.ts';
import type { Session } from '../../port.ts';
import { isUserDatabase } from '../extent.ts';
import { texts } from '../session.ts';
import { atMoment } from '../statements.ts';
import { isSystemAccount } from '../tenant.ts';

const KINDS: Readonly<Record<string, ObjectDifference['object']>> = {
  r: 'table',
  e: 'table',
  v: 'view',
  S: 'sequence',
};

/** Objects of other accounts that are on one side only, as `acc1:shop.orders`, and accounts that are. */
export async function clusterDifferences(
  session: Session,
  { since }: { readonly since: string },
  signal: AbortSignal,
): Promise<readonly ObjectDifference[]> {
  const before = await objectsOfOthers(session, since, signal);
  const now = await objectsOfOthers(session, undefined, signal);
  const missing = [...before].filter(([name]) => !now.has(name)).map(([name, object]) => ({ object, name }));
  const extra = [...now].filter(([name]) => !before.has(name)).map(([name, object]) => ({ object, name }));
  return [
    ...missing.map((one) => ({ ...one, what: 'missing' }) as const),
    ...extra.map((one) => ({ ...one, what: 'extra' }) as const),
  ];
}

/** Names of all accounts but `sys`, sorted. */
export async function otherAccounts(
  session: Session,
  at: string | undefined,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const sql = `SELECT account_name FROM mo_catalog.mo_account${atMoment(at)} ORDER BY account_name`;
  return (await texts(session, sql, signal)).map(([name = '']) => name).filter((name) => !isSystemAccount(name));
}

async function objectsOfOthers(session: Session, at: string | undefined, signal: AbortSignal) {
  const accounts = await texts(
    session,
    `SELECT CAST(account_id AS CHAR), account_name FROM mo_catalog.mo_account${atMoment(at)}`,
    signal,
  );
  const nameOf = new Map(accounts.map(([id = '', name = '']) => [id, name]));
  const rows = await texts(
    session,
    `SELECT CAST(account_id AS CHAR), reldatabase, relname, relkind FROM mo_catalog.mo_tables${atMoment(at)}` +
      " WHERE account_id <> 0 AND relkind IN ('r', 'v', 'S', 'e')",
    signal,
  );
  const objects = new Map<string, ObjectDifference['object']>();
  for (const name of nameOf.values()) if (!isSystemAccount(name)) objects.set(name, 'account');
  for (const [id = '', database = '', table = '', kind = ''] of rows) {
    const account = nameOf.get(id);
    if (account === undefined || !isUserDatabase(database) || table.startsWith('__mo_')) continue;
    objects.set(`${account}:${database}.${table}`, KINDS[kind] ?? 'table');
  }
  return objects;
}
