import { Fault } from '../../../kernel/index.ts';
import type { ScopePart } from '../../port.ts';
import { extentOf, partOf, type Extent } from '../extent.ts';
import { assertMayCover, otherAccount } from './accounts.ts';
import type { MatrixoneServer } from './server.ts';
import type { KnownSnapshot } from './snapshot-rows.ts';

/**
 * What of a snapshot this login can restore: the server looks at some of that, and says OK to the rest.
 *
 * @throws {Fault} SNAPSHOT_REFUSED saying who may do it, and how.
 */
export function restorableExtent(
  server: MatrixoneServer,
  { info: { name, scope } }: KnownSnapshot,
  part: ScopePart | undefined,
): Extent {
  assertMayCover(server, scope);
  if (part !== undefined && scope.kind === 'cluster') {
    throw new Fault(
      'SNAPSHOT_REFUSED',
      `${name} is of the whole cluster, and only the whole cluster comes back from it`,
      {
        hint: 'Restore without --db and --table, or take snapshots of accounts.',
      },
    );
  }
  const other = otherAccount(server, scope);
  if (part !== undefined && other !== undefined) {
    throw new Fault(
      'SNAPSHOT_REFUSED',
      `${name} is of account ${other}: from ${server.account} it comes back as a whole`,
      {
        hint: `For a database or a table take a snapshot with a login of that account, as \`${other}:USER\`.`,
      },
    );
  }
  return partOf(extentOf(scope), part);
}
