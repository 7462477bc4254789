// One moment of the live data, held by a snapshot of our own for the time of a reading.

import { systemEntropy } from '../../../kernel/index.ts';
import type { Effect, Session } from '../../port.ts';
import { createSnapshotSql, dropSnapshotSql } from '../statements.ts';
import { leftMoments, MOMENT_PREFIX } from './snapshot-rows.ts';

/** `account`: another one than that of this login. The snapshot goes again, whatever `work` does. */
export async function atOneMoment<Value>(
  session: Session,
  { account, effect: { run, signal } }: { readonly account: string | undefined; readonly effect: Effect },
  work: (moment: string) => Promise<Value>,
): Promise<Value> {
  const mark = `${MOMENT_PREFIX}${run}_`;
  // Whatever an earlier process of this run left: two of them never read at once, the run's lock sees to that.
  for (const left of await leftMoments(session, mark, signal)) await session.query(dropSnapshotSql(left), { signal });
  const moment = `${mark}${systemEntropy.token(8)}`;
  const scope = { level: 'account', ...(account === undefined ? {} : { account }) } as const;
  await session.query(createSnapshotSql(moment, scope), { signal });
  try {
    return await work(moment);
  } finally {
    if (session.isOpen) await session.query(dropSnapshotSql(moment));
  }
}
