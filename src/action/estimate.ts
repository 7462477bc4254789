// Whether a restore would fit into the time that the steps after a cancelled job get.

import type { AppContext } from '../app/context.ts';
import { formatDuration } from '../kernel/index.ts';
import type { Annotation } from './protocol.ts';

/** Copying a snapshot back, building its indexes and proving it, against the time that taking it took. */
const RESTORE_FACTOR = 3;

type Entry = Parameters<AppContext['onEntry']>[0];

/** A warning when the snapshot that was just taken may need longer to be restored than what a cancelled job gets. */
export function estimateRemarks({ record }: Entry, cancelSeconds: number): readonly Annotation[] {
  if (record.kind !== 'action-settled' || record.outcome.kind !== 'succeeded') return [];
  const { evidence } = record.outcome;
  // Where a snapshot is not a copy, the time that it took tells nothing.
  if (evidence.kind !== 'snapshot' || evidence.row_count === undefined) return [];
  const restoreMs = record.duration_ms * RESTORE_FACTOR;
  if (restoreMs <= cancelSeconds * 1_000) return [];
  const message =
    `A restore of everything may take ${formatDuration(restoreMs)}: ` +
    `the snapshot took ${formatDuration(record.duration_ms)}, ` +
    `and putting it back and proving it about ${RESTORE_FACTOR} times as long. ` +
    `The steps after a cancelled job get ${cancelSeconds} s. If they are cut short, the run stays open and ` +
    '`snapback rollback RUN --url URL` ends it.';
  return [{ severity: 'warning', title: 'snapback: a restore may not fit into a cancelled job', message }];
}
