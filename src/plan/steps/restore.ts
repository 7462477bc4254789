import { Secret } from '../../kernel/index.ts';
import type { Restore } from '../generated/raw-plan.ts';
import type { StepContext } from '../step-context.ts';
import type { RestoreStep, StepCommon } from '../types.ts';
import { snapshotRefOf } from './snapshot-ref.ts';
import { tablesOf } from './tables-of.ts';

export function normalizeRestore(raw: Restore, common: StepCommon, context: StepContext): RestoreStep {
  if (raw.databases !== undefined && raw.tables !== undefined) {
    context
      .in('tables')
      .reportAtKey('CONFLICTING_KEYS', '`databases` and `tables` exclude each other', 'keep one of them');
  }
  if (raw.into !== undefined && (raw.databases ?? raw.tables) !== undefined) {
    const help = 'a restore into a new account is of the whole account';
    context.in('into').reportAtKey('CONFLICTING_KEYS', '`into` goes without `databases` and `tables`', help);
  }
  return {
    ...common,
    kind: 'restore',
    snapshot: snapshotRefOf(raw.snapshot, context.in('snapshot')),
    databases: raw.databases,
    tables: raw.tables === undefined ? undefined : tablesOf(raw.tables, context.in('tables'), 'names'),
    into: raw.into === undefined ? undefined : { ...raw.into, password: new Secret(raw.into.password) },
  };
}
