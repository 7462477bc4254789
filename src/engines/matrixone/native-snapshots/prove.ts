// The proof: both sides are snapshots, so that nobody can write while they are read.

import type { ObjectKind, ProofEvidence, ProvenTable } from '../../../kernel/index.ts';
import type { SnapshotName } from '../../../kernel/index.ts';
import type { Effect, ScopePart } from '../../port.ts';
import type { Comparison } from '../compare.ts';
import { EQUALITY_LEAVES_OUT } from '../left-out.ts';
import { objectLabel } from '../objects.ts';
import { withSession } from '../session.ts';
import { otherAccounts } from './cluster.ts';
import { compareWithNow } from './comparing.ts';
import { keysOfObjects } from './foreign-keys.ts';
import { restorableExtent } from './restorable.ts';
import { readySnapshot } from './restore.ts';
import type { MatrixoneServer } from './server.ts';

/** See `SnapshotStore.prove`. */
export async function proveSnapshot(
  server: MatrixoneServer,
  request: { readonly name: SnapshotName; readonly part: ScopePart | undefined },
  effect: Effect,
): Promise<ProofEvidence> {
  return withSession(server.connector, { purpose: 'proof', writes: true }, effect.signal, async (session) => {
    const snapshot = await readySnapshot(session, request.name, effect.signal);
    const extent = restorableExtent(server, snapshot, request.part);
    const comparison = await compareWithNow({ server, session, snapshot, extent }, { isStill: true, effect });
    const isCluster = snapshot.info.scope.kind === 'cluster' && extent.isWhole;
    const others = isCluster ? await otherAccounts(session, snapshot.serverName, effect.signal) : [];
    return evidenceOf(request.name, comparison, others);
  });
}

function evidenceOf(name: SnapshotName, comparison: Comparison, others: readonly string[]): ProofEvidence {
  const { wanted, differences, contents } = comparison;
  const different = new Set(differences.map((difference) => difference.name));
  const tables = wanted.objects
    .filter(({ kind }) => kind === 'table')
    .map((object): ProvenTable => {
      const label = objectLabel(object);
      const content = contents.get(label);
      return {
        table: label,
        row_count: content?.rowCount ?? 0,
        fingerprint: content?.fingerprint ?? '',
        is_equal: content !== undefined && !different.has(label),
      };
    });
  const keyCount = keysOfObjects(wanted.objects).length;
  const views = wanted.objects.filter(({ kind }) => kind === 'view').length;
  const objects: Partial<Record<ObjectKind, number>> = {
    ...(views === 0 ? {} : { view: views }),
    ...(keyCount === 0 ? {} : { 'foreign-key': keyCount }),
  };
  return {
    kind: 'proof',
    snapshot: name,
    is_equal: differences.length === 0,
    moment: 'in a snapshot taken for the proof',
    tables,
    objects,
    differences,
    left_out: [...EQUALITY_LEAVES_OUT, ...notShown(others)],
    ...(others.length === 0 ? {} : { not_shown: notShown(others) }),
  };
}

/** Of other accounts `sys` can show which objects they have. */
function notShown(accounts: readonly string[]): readonly string[] {
  if (accounts.length === 0) return [];
  const names = accounts.join(', ');
  return [`the rows, definitions, users and roles of other accounts (${names}): sys sees only which objects they have`];
}
