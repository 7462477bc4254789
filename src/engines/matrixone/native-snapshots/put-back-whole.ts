// Restores of a whole account or of the cluster: one statement, with users, passwords and roles.

import { Fault } from '../../../kernel/index.ts';
import type { Effect } from '../../port.ts';
import { copyCatalog, writeCatalog } from '../catalog.ts';
import type { Comparison } from '../compare.ts';
import { relationIds } from '../objects.ts';
import { accountNumber, otherAccount, ownerOf } from './accounts.ts';
import { boundedRestore } from './bounded-restore.ts';
import { otherAccounts } from './cluster.ts';
import { grantSql, objectGrants, uniqueGrants } from './grants.ts';
import { grantAgain } from './lost-grants.ts';
import type { Restoring } from './restoring.ts';
import type { MatrixoneServer } from './server.ts';

const LOGINS_WENT_BACK = 'users, passwords and roles of the account went back with the data';

/** The account's own catalog goes back in time with it: it is read before and written again after. */
export async function putBackWhole(restoring: Restoring, comparison: Comparison): Promise<readonly string[]> {
  const { wanted } = comparison;
  const { server, session, snapshot, effect } = restoring;
  const { scope } = snapshot.info;
  const other = otherAccount(server, scope);
  const bounded = { sql: statementOf(server, restoring, other), tableCount: wanted.objects.length + 100 };
  const restore = (): Promise<void> => boundedRestore(server, session, bounded, effect);
  if (other !== undefined) {
    await witnessedWhole(restoring, { databases: wanted.databases, account: other }, restore);
    const lost = await grantsOfOther(restoring, comparison);
    return [LOGINS_WENT_BACK, `what snapback noted in account ${other} went back too`, ...lost];
  }
  const copy = await copyCatalog(session, effect.signal);
  await witnessedWhole(restoring, { databases: wanted.databases, account: undefined }, restore);
  await writeCatalog(session, copy, effect.signal);
  const granted = await grantAgain(restoring, comparison, []);
  if (scope.kind !== 'cluster') return [LOGINS_WENT_BACK, ...granted];
  const others = await otherAccounts(session, snapshot.serverName, effect.signal);
  if (others.length === 0) return [LOGINS_WENT_BACK, ...granted];
  const names = others.join(', ');
  return [
    LOGINS_WENT_BACK,
    ...granted,
    `in ${names} rights on single tables and databases were lost: the server keeps them for the objects of before`,
    `other accounts went back too: ${names}`,
    `not shown: the rows of ${names}, of which sys sees only the objects; a login of each can look`,
  ];
}

/** Only the account itself can grant them again. */
async function grantsOfOther(
  { server, session, snapshot, effect }: Restoring,
  { wanted: { databases } }: Comparison,
): Promise<readonly string[]> {
  const at = { at: snapshot.serverName, owner: ownerOf(server, snapshot) };
  const grants = uniqueGrants(await objectGrants(session, { databases, ...at, rolesAt: at.at }, effect.signal));
  if (grants.length === 0) return [];
  return [`lost, to be granted again by a login of the account: ${grants.map(grantSql).join('; ')}`];
}

function statementOf(
  { grammar, account }: MatrixoneServer,
  { snapshot }: Restoring,
  other: string | undefined,
): string {
  const { info, serverName } = snapshot;
  return info.scope.kind === 'cluster' ? grammar.cluster(serverName) : grammar.account(other ?? account, serverName);
}

/** @throws {Fault} RESTORE_FAILED when a database of the snapshot is still the one that was there before. */
async function witnessedWhole(
  { session, effect }: Restoring,
  { databases, account }: { readonly databases: readonly string[]; readonly account: string | undefined },
  restore: () => Promise<void>,
): Promise<void> {
  const numbers = async ({ signal }: Effect) => {
    if (account === undefined) return (await relationIds(session, databases, undefined, signal)).databases;
    const owner = await accountNumber(session, account, signal);
    if (owner === undefined) return new Map<string, string>();
    return (await relationIds(session, databases, undefined, signal, owner)).databases;
  };
  const before = await numbers(effect);
  await restore();
  const after = await numbers(effect);
  const left = databases.filter((name) => after.get(name) === undefined || after.get(name) === before.get(name));
  if (left.length === 0) return;
  throw new Fault('RESTORE_FAILED', `the server answered OK and did not restore ${left.join(', ')}`);
}
