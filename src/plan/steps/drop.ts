import type { Drop } from '../generated/raw-plan.ts';
import type { StepContext } from '../step-context.ts';
import type { DropStep, StepCommon } from '../types.ts';
import { snapshotRefOf } from './snapshot-ref.ts';

export function normalizeDrop(raw: Drop, common: StepCommon, context: StepContext): DropStep {
  return { ...common, kind: 'drop', snapshot: snapshotRefOf(raw.snapshot, context.in('snapshot')) };
}
