import type { Capabilities } from '../port.ts';
import { EQUALITY_LEAVES_OUT } from './left-out.ts';
import { SYSTEM_ACCOUNT } from './tenant.ts';

/** What MatrixOne can do for a login of that account, as data. */
export function capabilitiesOf(account: string): Capabilities {
  return {
    hasNativeSnapshots: true,
    hasTransactionalDdl: true,
    snapshotScopeMax: account === SYSTEM_ACCOUNT ? 'cluster' : 'account',
    canQuerySnapshot: false,
    equalityLeavesOut: EQUALITY_LEAVES_OUT,
  };
}
