import { scopeLabel } from '../engines/index.ts';
import { listRuns } from '../journal/index.ts';
import { Secret } from '../kernel/index.ts';
import type { AppContext } from './context.ts';

export interface RunLine {
  readonly run: string;
  readonly state: string;
  readonly opened_at: string;
  readonly plan: string;
  readonly detail: string;
}

/** The runs whose journal is in this directory, newest first. A damaged journal is a line that says so. */
export async function localRuns(directory: string): Promise<readonly RunLine[]> {
  const runs = await listRuns(directory);
  return runs.map(({ run, state, problem }) => ({
    run,
    state: state === undefined ? 'damaged' : state.isClosed ? (state.verdict ?? 'closed') : 'open',
    opened_at: state?.startedAt ?? '',
    plan: state?.opened.plan_name ?? '',
    detail: problem?.message ?? '',
  }));
}

/** The runs in a server's own record, newest first, wherever their journals are. */
export async function serverRuns(url: string, context: AppContext): Promise<readonly RunLine[]> {
  const options = { onSessionOpened: () => Promise.resolve(), run: undefined };
  const engine = await context.openEngine(new Secret(url), options, context.signal);
  try {
    const rows = await engine.runs.list(context.signal);
    return rows.map((row) => ({
      run: row.run,
      state: row.state,
      opened_at: row.openedAt,
      plan: row.planName,
      detail: `${scopeLabel(row.scope)}, ${row.holder}`,
    }));
  } finally {
    await engine.close();
  }
}
