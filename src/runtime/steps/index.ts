import type { StepKind } from '../../plan/index.ts';
import type { StepDriver } from '../step-driver.ts';
import { dropDriver } from './drop.ts';
import { restoreDriver } from './restore.ts';
import { runDriver } from './run.ts';
import { snapshotDriver } from './snapshot.ts';
import { sqlDriver } from './sql.ts';
import { verifyDriver } from './verify.ts';

/** Adding a kind to the plan language without a driver is a compile error on this line. */
export const STEP_DRIVERS: { readonly [Kind in StepKind]: StepDriver<Kind> } = {
  snapshot: snapshotDriver,
  sql: sqlDriver,
  run: runDriver,
  verify: verifyDriver,
  restore: restoreDriver,
  drop: dropDriver,
};
