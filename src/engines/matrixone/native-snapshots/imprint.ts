// What the live side of a snapshot's scope is like: one short hash for each object, so that a later look can tell what
// has been written since.

import { canonicalJson, sha256, type Json, type SnapshotName } from '../../../kernel/index.ts';
import type { Effect, Imprint, Session } from '../../port.ts';
import { refOf } from '../compare.ts';
import { readContent } from '../contents.ts';
import type { Extent } from '../extent.ts';
import { describe, objectLabel, type DescribedObject, type Owner } from '../objects.ts';
import { withSession } from '../session.ts';
import { accountNumber, otherAccount } from './accounts.ts';
import { namesOf } from './logins.ts';
import { atOneMoment } from './moment.ts';
import { restorableExtent } from './restorable.ts';
import { readySnapshot } from './restore.ts';
import type { MatrixoneServer } from './server.ts';

const DIGITS = 16;

/** See `SnapshotStore.imprint`. */
export async function imprintOf(server: MatrixoneServer, name: SnapshotName, effect: Effect): Promise<Imprint> {
  const { signal } = effect;
  return withSession(server.connector, { purpose: 'imprint', writes: true }, signal, async (session) => {
    const snapshot = await readySnapshot(session, name, signal);
    const extent = restorableExtent(server, snapshot, undefined);
    const account = otherAccount(server, snapshot.info.scope);
    if (account === undefined) return imprintAt({ session, extent, until: undefined, owner: undefined }, signal);
    const owner = await accountNumber(session, account, signal);
    if (owner === undefined) return {}; // the account is gone
    return atOneMoment(session, { account, effect }, (until) => imprintAt({ session, extent, until, owner }, signal));
  });
}

interface Looking {
  readonly session: Session;
  readonly extent: Extent;
  readonly until: string | undefined;
  readonly owner: Owner;
}

async function imprintAt({ session, extent, until, owner }: Looking, signal: AbortSignal): Promise<Imprint> {
  const { databases, objects } = await describe(session, extent, until, signal, owner);
  const imprint: Record<string, string> = {};
  for (const database of databases) imprint[`database ${database}`] = hashOf(database);
  for (const object of objects) {
    const { rowCount, fingerprint } = hasRows(object)
      ? await readContent(session, refOf(object), object.columns, until, signal)
      : { rowCount: 0, fingerprint: '' };
    imprint[`${object.kind} ${objectLabel(object)}`] = hashOf([object.definition, rowCount, fingerprint]);
  }
  if (!extent.isWhole) return imprint;
  for (const kind of ['user', 'role'] as const) {
    for (const [name, value] of await namesOf(session, kind, until, signal)) imprint[`${kind} ${name}`] = hashOf(value);
  }
  return imprint;
}

function hasRows({ kind, isExternal }: DescribedObject): boolean {
  return kind === 'table' && !isExternal;
}

function hashOf(facts: Json): string {
  return sha256(canonicalJson(facts)).slice(0, DIGITS);
}
