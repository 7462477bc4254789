// The proof: both sides are snapshots, so that nobody can write while they are read.

import { systemEntropy, type ObjectKind, type ProofEvidence, type ProvenTable } from '../../../kernel/index.ts';
import type { SnapshotName } from '../../../kernel/index.ts';
import type { Effect, ScopePart } from '../../port.ts';
import { compareMoments, type Comparison } from '../compare.ts';
import { extentOf, partOf } from '../extent.ts';
import { EQUALITY_LEAVES_OUT } from '../left-out.ts';
import { objectLabel } from '../objects.ts';
import { withSession } from '../session.ts';
import { createSnapshotSql, dropSnapshotSql } from '../statements.ts';
import { keysOfObjects } from './foreign-keys.ts';
import { readySnapshot } from './restore.ts';
import type { MatrixoneServer } from './server.ts';
import { leftMoments, MOMENT_PREFIX } from './snapshot-rows.ts';

/** See `SnapshotStore.prove`. */
export async function proveSnapshot(
  server: MatrixoneServer,
  request: { readonly name: SnapshotName; readonly part: ScopePart | undefined },
  { run, signal }: Effect,
): Promise<ProofEvidence> {
  return withSession(server.connector, { purpose: 'proof', writes: true }, signal, async (session) => {
    const snapshot = await readySnapshot(session, request.name, signal);
    const extent = partOf(extentOf(snapshot.info.scope), request.part);
    const mark = `${MOMENT_PREFIX}${run}_`;
    // Whatever an earlier process of this run left: two of them never prove at once, the run's lock sees to that.
    for (const left of await leftMoments(session, mark, signal)) {
      await session.query(dropSnapshotSql(left), { signal });
    }
    const moment = `${mark}${systemEntropy.token(8)}`;
    await session.query(createSnapshotSql(moment, { level: 'account' }), { signal });
    try {
      const since = snapshot.serverName;
      const comparison = await compareMoments({ session, extent, since, until: moment, memory: server.memory }, signal);
      return evidenceOf(request.name, comparison);
    } finally {
      if (session.isOpen) await session.query(dropSnapshotSql(moment));
    }
  });
}

function evidenceOf(name: SnapshotName, comparison: Comparison): ProofEvidence {
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
    left_out: EQUALITY_LEAVES_OUT,
  };
}
