// Takes a snapshot: the row first, then the server's snapshot, then the row says that it is whole.

import { Fault, systemEntropy, SNAPSHOT_NAME_LENGTH_MAX } from '../../../kernel/index.ts';
import type { Effect, SnapshotInfo, SnapshotSpec } from '../../port.ts';
import { serverErrorOf } from '../../wire/errors.ts';
import { ensureCatalog } from '../catalog.ts';
import { extentOf } from '../extent.ts';
import { withSession } from '../session.ts';
import { nativeScopeOf, takeNative } from './native-scope.ts';
import { refuseUnrestorable } from './preflight.ts';
import { removeSnapshot, dropOnServer } from './drop.ts';
import { SYSTEM_ACCOUNT, type MatrixoneServer } from './server.ts';
import { findSnapshot, writeSnapshotRow, type SnapshotRow } from './snapshot-rows.ts';

const INTERNAL_ERRNO = 20101;

/** See `SnapshotStore.create`. */
export async function takeSnapshot(
  server: MatrixoneServer,
  spec: SnapshotSpec,
  { run, signal }: Effect,
): Promise<SnapshotInfo> {
  const { name, scope, replace } = spec;
  return withSession(server.connector, { purpose: 'snapshot', writes: true }, signal, async (session) => {
    refuseForeignScope(server, spec);
    let there = await findSnapshot(session, name, signal);
    if (there?.info.state === 'ready' && !replace) {
      throw new Fault('SNAPSHOT_EXISTS', `a snapshot called ${name} is there already, taken ${there.info.takenAt}`);
    }
    const { objects } = await refuseUnrestorable(
      session,
      { server, extent: extentOf(scope), since: undefined },
      signal,
    );
    const tableCount = objects.filter(({ kind }) => kind === 'table').length;
    await ensureCatalog(session, signal);
    if (there?.info.state === 'partial') {
      await removeSnapshot(session, name, signal);
      there = undefined;
    }
    if (there?.row !== undefined && there.row.pending !== '') await dropOnServer(session, there.row.pending, signal);
    const serverName = there === undefined ? name : following(name);
    const row: SnapshotRow = { name, serverName, pending: '', run, scope, state: 'taking', declared: [], tableCount };
    await writeSnapshotRow(
      session,
      there === undefined
        ? row
        : {
            ...row,
            scope: there.info.scope,
            run: there.info.run ?? run,
            serverName: there.serverName,
            pending: serverName,
            state: 'ready',
            declared: there.info.declared,
            tableCount: there.info.tableCount ?? 0,
          },
      signal,
    );
    const declared = await asTaken(takeNative(session, serverName, nativeScopeOf(scope), signal), name);
    await writeSnapshotRow(session, { ...row, state: 'ready', declared }, signal);
    if (there !== undefined) await dropOnServer(session, there.serverName, signal);
    const taken = await findSnapshot(session, name, signal);
    if (taken === undefined) throw new Fault('SNAPSHOT_REFUSED', `the server does not list ${name} after taking it`);
    return taken.info;
  });
}

function refuseForeignScope({ account }: MatrixoneServer, { scope, name }: SnapshotSpec): void {
  if (scope.kind === 'account' && scope.account.toLowerCase() !== account.toLowerCase()) {
    throw new Fault('SNAPSHOT_REFUSED', `${name}: this login belongs to account ${account}, not to ${scope.account}`, {
      hint: 'Log in to the account that the snapshot is of.',
    });
  }
  if (scope.kind === 'cluster' && account !== SYSTEM_ACCOUNT) {
    throw new Fault('SNAPSHOT_REFUSED', `${name}: only account sys can take a snapshot of the whole cluster`);
  }
}

/** The server cannot rename a snapshot: one that takes another's place has a longer name there. */
function following(name: string): string {
  const tail = `_${systemEntropy.token(8)}`;
  return `${name.slice(0, SNAPSHOT_NAME_LENGTH_MAX - tail.length)}${tail}`;
}

async function asTaken<Value>(taking: Promise<Value>, name: string): Promise<Value> {
  try {
    return await taking;
  } catch (error) {
    const said = serverErrorOf(error);
    if (said?.errno !== INTERNAL_ERRNO || !(error instanceof Fault)) throw error;
    if (said.message.includes('already exists')) {
      throw new Fault('SNAPSHOT_EXISTS', `the server has a snapshot called ${name} that this user cannot see`, {
        cause: error,
      });
    }
    if (!said.message.includes('reached the limit')) throw error;
    throw new Fault('SNAPSHOT_REFUSED', `the server refuses another snapshot: ${said.message}`, {
      hint: 'Drop snapshots that nobody needs; a plan takes its own away at its end.',
      cause: error,
    });
  }
}
