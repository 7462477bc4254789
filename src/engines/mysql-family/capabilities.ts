import type { Capabilities } from '../port.ts';
import { EQUALITY_LEAVES_OUT } from './copying-snapshots/left-out.ts';

/** What both servers of the family can do, as data. */
export const CAPABILITIES: Capabilities = {
  hasNativeSnapshots: false,
  hasTransactionalDdl: false,
  snapshotScopeMax: 'database',
  canQuerySnapshot: true,
  equalityLeavesOut: EQUALITY_LEAVES_OUT,
};
