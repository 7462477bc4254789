// Users and roles: a restore of a whole account puts them back with the data, passwords included.

import type { ObjectDifference } from '../../../kernel/index.ts';
import type { Session } from '../../port.ts';
import { texts } from '../session.ts';
import { atMoment } from '../statements.ts';

interface Moments {
  readonly since: string;
  readonly until: string | undefined;
}

/** Users and roles that are on one side only, and users with another password. No password's hash leaves this file. */
export async function loginDifferences(
  session: Session,
  { since, until }: Moments,
  signal: AbortSignal,
): Promise<readonly ObjectDifference[]> {
  const differences: ObjectDifference[] = [];
  for (const object of ['user', 'role'] as const) {
    const before = await namesOf(session, object, since, signal);
    const now = await namesOf(session, object, until, signal);
    for (const [name, value] of before) {
      if (!now.has(name)) differences.push({ object, name, what: 'missing' });
      else if (now.get(name) !== value) differences.push({ object, name, what: 'definition' });
    }
    for (const name of now.keys()) if (!before.has(name)) differences.push({ object, name, what: 'extra' });
  }
  return differences;
}

/** Names of users or roles, with what else must be equal. */
export async function namesOf(
  session: Session,
  kind: 'user' | 'role',
  at: string | undefined,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, string>> {
  const columns = kind === 'user' ? 'user_name, authentication_string' : "role_name, ''";
  const rows = await texts(session, `SELECT ${columns} FROM mo_catalog.mo_${kind}${atMoment(at)} ORDER BY 1`, signal);
  return new Map(rows.map(([name = '', value = '']) => [name, value]));
}
