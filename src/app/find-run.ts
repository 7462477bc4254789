import { listRuns, type ListedRun } from '../journal/index.ts';
import { Fault, parseRunId, type RunId } from '../kernel/index.ts';

/**
 * The run that a person means: by its id, or by an unambiguous beginning of it; without one the newest open run.
 *
 * @throws {Fault} RUN_UNKNOWN
 */
export async function findRun(directory: string, wanted: string | undefined): Promise<RunId> {
  const runs = await listRuns(directory);
  if (wanted === undefined) {
    const open = runs.find(isOpen);
    if (open !== undefined) return open.run;
    throw new Fault('RUN_UNKNOWN', `no open run has its journal in ${directory}`);
  }
  const parsed = parseRunId(wanted);
  const matching = parsed.kind === 'ok' ? runs.filter(({ run }) => run.startsWith(parsed.value)) : [];
  const [only, other] = matching;
  if (only === undefined) throw new Fault('RUN_UNKNOWN', `no run ${wanted} has its journal in ${directory}`);
  if (other !== undefined)
    throw new Fault('RUN_UNKNOWN', `${wanted} could be ${matching.map(({ run }) => run).join(' or ')}`);
  return only.run;
}

function isOpen({ state }: ListedRun): boolean {
  return state !== undefined && !state.isClosed;
}
