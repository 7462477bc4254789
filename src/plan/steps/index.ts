import type { Step as RawStep } from '../generated/raw-plan.ts';
import type { StepContext } from '../step-context.ts';
import type { StepCommon, StepKind, StepOf } from '../types.ts';
import { normalizeDrop } from './drop.ts';
import { normalizeRestore } from './restore.ts';
import { normalizeRun } from './run.ts';
import { normalizeSnapshot } from './snapshot.ts';
import { normalizeSql } from './sql.ts';
import { normalizeVerify } from './verify.ts';

/** Makes every default of a step of one kind explicit. The context is that of the kind's value. */
export type Normalizer<Kind extends StepKind> = (
  raw: Exclude<RawStep[Kind], undefined>,
  common: StepCommon,
  context: StepContext,
) => StepOf<Kind>;

/** A kind without a normalizer is a compile error on this line. */
export const NORMALIZERS: { readonly [Kind in StepKind]: Normalizer<Kind> } = {
  snapshot: normalizeSnapshot,
  sql: normalizeSql,
  run: normalizeRun,
  verify: normalizeVerify,
  restore: normalizeRestore,
  drop: normalizeDrop,
};
