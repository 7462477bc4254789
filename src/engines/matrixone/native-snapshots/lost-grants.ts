// Rights of the snapshot that are no longer there: a restore gives its objects new numbers, and the rights stay with
// the old ones, whatever SHOW GRANTS prints.

import type { ObjectDifference } from '../../../kernel/index.ts';
import type { Effect, Session } from '../../port.ts';
import type { Comparison } from '../compare.ts';
import { objectLabel, type Description } from '../objects.ts';
import { grantInWords, grantLabel, grantSql, objectGrants, uniqueGrants, type ObjectGrant } from './grants.ts';
import type { Restoring } from './restoring.ts';

interface Sides {
  readonly since: string;
  /** A snapshot on the server; undefined: now. */
  readonly until: string | undefined;
  readonly wanted: Description;
  readonly found: Description;
}

/** Of objects that are on both sides, for roles that are still there. */
export async function lostGrants(
  session: Session,
  { since, until, wanted, found }: Sides,
  signal: AbortSignal,
): Promise<readonly ObjectGrant[]> {
  const databases = databasesOf(wanted);
  const before = await objectGrants(session, { databases, at: since, rolesAt: until }, signal);
  if (before.length === 0) return [];
  const now = await objectGrants(session, { databases, at: until, rolesAt: until }, signal);
  const isThere = new Set(now.map(grantSql));
  const isHere = (grant: ObjectGrant): boolean => isIn(wanted, grant) && isIn(found, grant);
  return uniqueGrants(before).filter((grant) => isHere(grant) && !isThere.has(grantSql(grant)));
}

export function asDifferences(grants: readonly ObjectGrant[]): readonly ObjectDifference[] {
  return grants.map((grant) => ({ object: 'grant', name: grantInWords(grant), what: 'missing' }) as const);
}

/**
 * Gives back the rights that the snapshot has and the restored data have not, and those of `kept`; returns what there
 * is to say of it.
 */
export async function grantAgain(
  { session, snapshot, effect }: Restoring,
  { wanted }: Pick<Comparison, 'wanted'>,
  kept: readonly ObjectGrant[],
): Promise<readonly string[]> {
  const sides = { since: snapshot.serverName, until: undefined, wanted, found: wanted };
  const lost = await lostGrants(session, sides, effect.signal);
  const grants = uniqueGrants([...lost, ...kept.filter((grant) => isIn(wanted, grant))]);
  for (const grant of grants) await give(session, grant, effect);
  if (grants.length === 0) return [];
  return [`${grants.length} rights on restored objects were granted again; sessions that were open may not have them`];
}

async function give(session: Session, grant: ObjectGrant, effect: Effect): Promise<void> {
  await effect.assertLocked();
  await session.query(grantSql(grant), { signal: effect.signal });
}

/** A right on something that is not there cannot be granted. */
function isIn({ databases, objects }: Description, { object }: ObjectGrant): boolean {
  if (object.kind === 'database') return databases.includes(object.database);
  return objects.some((one) => objectLabel(one) === grantLabel(object));
}

function databasesOf({ databases, objects }: Description): readonly string[] {
  return [...new Set([...databases, ...objects.map(({ database }) => database)])];
}
