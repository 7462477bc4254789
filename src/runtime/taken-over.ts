// A run goes on from one journal only. Whoever takes it back, or closes it, from the server's record leaves a trace
// there; a journal that turns up again afterwards must not go on as if nothing had happened since.

import type { Engine } from '../engines/index.ts';
import type { RunState } from '../journal/index.ts';
import { Fault, type RunId } from '../kernel/index.ts';

/**
 * Who has the run according to the server's record, where that is nobody whom the journal knows of.
 *
 * `undefined` where the run is this journal's still, or has never been entered there.
 */
export async function takenOverBy(
  run: RunId,
  { holders, verdict }: RunState,
  { runs }: Engine,
  signal: AbortSignal,
): Promise<string | undefined> {
  const row = (await runs.list(signal)).find((one) => one.run === run);
  if (row === undefined) return undefined;
  const isKnown = holders.some((holder) => row.holder.endsWith(holder));
  const isEndedElsewhere = row.state === 'closed' || (row.state === 'rolled-back' && verdict !== row.state);
  if (isKnown && !isEndedElsewhere) return undefined;
  return `the server's record says that it is ${row.state} (${row.holder})`;
}

/** @throws {Fault} RUN_NOT_OPEN */
export async function assertNotTakenOver(run: RunId, state: RunState, engine: Engine, signal: AbortSignal) {
  const by = await takenOverBy(run, state, engine, signal);
  if (by === undefined) return;
  throw new Fault('RUN_NOT_OPEN', `run ${run} was taken over: ${by}, and this journal knows nothing of it`, {
    hint: 'It is closed here now. `snapback runs --url URL` lists what the server knows.',
  });
}
