// The way round for databases that the server refuses to restore whole. MatrixOne 3 loses track of a foreign key when
// ALTER TABLE copies its table: from then on RESTORE DATABASE fails, before it has changed anything. RESTORE TABLE
// works, once nothing of the old database is in its way.

import { Fault, tableLabel } from '../../../kernel/index.ts';
import type { Effect, Session } from '../../port.ts';
import { serverErrorOf } from '../../wire/errors.ts';
import { quoteName } from '../../wire/quote.ts';
import { refOf } from '../compare.ts';
import type { DescribedObject } from '../objects.ts';
import { boundedRestore } from './bounded-restore.ts';
import type { ForeignKey } from './foreign-keys.ts';
import { parentsFirst } from './restore-plan.ts';
import type { MatrixoneServer } from './server.ts';

/** Whether the server failed because it lost track of a foreign key. */
export function isLostKey(error: unknown): boolean {
  if (!(error instanceof Fault) || error.code !== 'STATEMENT_FAILED') return false;
  return /can't find fkTable|referenced by some foreign key/.test(serverErrorOf(error)?.message ?? '');
}

export interface TableByTable {
  readonly database: string;
  /** The snapshot's name on the server. */
  readonly snapshot: string;
  /** Everything that the snapshot has in this database. */
  readonly objects: readonly DescribedObject[];
  /** As they are in the snapshot. */
  readonly keys: readonly ForeignKey[];
}

/** Drops the database and builds it again, parents first. When it is cut, the next restore finds what is missing. */
export async function restoreTableByTable(
  server: MatrixoneServer,
  session: Session,
  { database, snapshot, objects, keys }: TableByTable,
  effect: Effect,
): Promise<void> {
  for (const sql of [`DROP DATABASE IF EXISTS ${quoteName(database)}`, `CREATE DATABASE ${quoteName(database)}`]) {
    await effect.assertLocked();
    await session.query(sql, { signal: effect.signal });
  }
  const restore = (object: DescribedObject): Promise<void> => {
    const sql = server.grammar.table(refOf(object), snapshot, server.account);
    return boundedRestore(server, session, { sql, tableCount: 1 }, effect);
  };
  const tables = new Map(
    objects.filter(({ kind }) => kind === 'table').map((object) => [tableLabel(refOf(object)), object]),
  );
  for (const label of parentsFirst([...tables.keys()], keys, tableLabel)) {
    const table = tables.get(label);
    if (table !== undefined) await restore(table);
  }
  await inAnyOrder(
    objects.filter(({ kind }) => kind === 'view'),
    restore,
  );
}

/** Views may stand on views: those that fail are tried again as long as others succeed. */
async function inAnyOrder(
  views: readonly DescribedObject[],
  restore: (object: DescribedObject) => Promise<void>,
): Promise<void> {
  let left = views;
  while (left.length > 0) {
    const failed: DescribedObject[] = [];
    let problem: unknown;
    for (const view of left) {
      try {
        await restore(view);
      } catch (error) {
        if (!(error instanceof Fault) || error.code !== 'STATEMENT_FAILED') throw error;
        failed.push(view);
        problem = error;
      }
    }
    if (failed.length === left.length) throw problem;
    left = failed;
  }
}
