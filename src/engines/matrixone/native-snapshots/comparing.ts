// A snapshot against what is there now, whosever account it shows.

import type { ObjectDifference } from '../../../kernel/index.ts';
import type { Effect, Session } from '../../port.ts';
import { compareMoments, type Comparison } from '../compare.ts';
import { describe } from '../objects.ts';
import type { Extent } from '../extent.ts';
import { accountNumber, otherAccount, ownerOf } from './accounts.ts';
import { clusterDifferences } from './cluster.ts';
import { loginDifferences } from './logins.ts';
import { asDifferences, lostGrants } from './lost-grants.ts';
import { atOneMoment } from './moment.ts';
import type { MatrixoneServer } from './server.ts';
import type { KnownSnapshot } from './snapshot-rows.ts';

export interface Comparable {
  readonly server: MatrixoneServer;
  readonly session: Session;
  readonly snapshot: KnownSnapshot;
  readonly extent: Extent;
}

/**
 * Everything in which the live data differ, users and roles of a whole account included. `isStill`: the live side is
 * read at one moment, which costs one more snapshot.
 */
export async function compareWithNow(
  comparable: Comparable,
  { isStill, effect }: { readonly isStill: boolean; readonly effect: Effect },
): Promise<Comparison> {
  const { server, session, snapshot } = comparable;
  const account = otherAccount(server, snapshot.info.scope);
  if (account === undefined && !isStill) return compareAt(comparable, { until: undefined, owner: undefined }, effect);
  const owner = account === undefined ? undefined : await accountNumber(session, account, effect.signal);
  if (account !== undefined && owner === undefined) return accountGone(comparable, effect);
  return atOneMoment(session, { account, effect }, (until) => compareAt(comparable, { until, owner }, effect));
}

async function compareAt(
  { server, session, snapshot, extent }: Comparable,
  { until, owner }: { readonly until: string | undefined; readonly owner: string | undefined },
  { signal }: Effect,
): Promise<Comparison> {
  const since = snapshot.serverName;
  const owners = { since: ownerOf(server, snapshot), until: owner };
  const compared = await compareMoments({ session, extent, since, until, owners, memory: server.memory }, signal);
  const isOwn = owners.since === undefined && owners.until === undefined;
  const { wanted, found } = compared;
  const lost = isOwn ? await lostGrants(session, { since, until, wanted, found }, signal) : [];
  const comparison = { ...compared, differences: [...compared.differences, ...asDifferences(lost)] };
  if (!extent.isWhole) return comparison;
  const others = snapshot.info.scope.kind === 'cluster' ? await clusterDifferences(session, { since }, signal) : [];
  const logins = await loginDifferences(session, { since, until }, signal);
  return { ...comparison, differences: [...comparison.differences, ...logins, ...others] };
}

/** An account that was dropped: all that its snapshot holds is missing. */
async function accountGone({ server, session, snapshot, extent }: Comparable, { signal }: Effect): Promise<Comparison> {
  const wanted = await describe(session, extent, snapshot.serverName, signal, ownerOf(server, snapshot));
  const differences: ObjectDifference[] = [
    ...wanted.databases.map((name) => ({ object: 'database', name, what: 'missing' }) as const),
    ...wanted.objects.map(
      (one) => ({ object: one.kind, name: `${one.database}.${one.name}`, what: 'missing' }) as const,
    ),
  ];
  return { wanted, found: { databases: [], objects: [] }, differences, contents: new Map() };
}
