import { err, ok, parseSnapshotName, type Result, type SnapshotName, type StepId } from '../../kernel/index.ts';
import type { SnapshotRef as RawRef } from '../generated/raw-plan.ts';
import { changeOutsidePlaceholders, fillPlaceholders } from '../placeholders.ts';
import type { StepContext } from '../step-context.ts';
import type { SnapshotRef } from '../types.ts';

/** That the step is there was looked at before. */
export function snapshotRefOf(raw: RawRef, context: StepContext): SnapshotRef {
  if (typeof raw === 'string') return { kind: 'step', step: raw as StepId };
  const name = context.in('name').parsed(raw.name, parsePlanSnapshotName);
  return { kind: 'named', name: name ?? (raw.name as SnapshotName) };
}

/**
 * A name that may hold placeholders. What they stand for is made of the same letters, so one of each length is tried.
 */
export function parsePlanSnapshotName(text: string): Result<SnapshotName, string> {
  const filled = parseSnapshotName(fillPlaceholders(text, { run: 'a'.repeat(12), snapshotOf: () => 'a' }));
  if (filled.kind === 'err') return err(filled.problem);
  return ok(changeOutsidePlaceholders(text, (part) => part.toLowerCase()) as SnapshotName);
}
