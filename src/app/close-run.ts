import { openJournal, type Journal, type JournalRecord } from '../journal/index.ts';
import { Fault, redact } from '../kernel/index.ts';
import type { AppContext } from './context.ts';
import { findRun } from './find-run.ts';
import { loadCompiled } from './load-compiled.ts';
import { takenOverBy, unlockLogins } from '../runtime/index.ts';

export interface CloseRequest {
  readonly run: string | undefined;
  readonly journalDirectory: string;
  readonly because: string;
}

/**
 * Closes a run as it is, in its journal and in the server's record, and touches no data: a person takes over.
 *
 * @throws {Fault} RUN_UNKNOWN, RUN_NOT_OPEN, JOURNAL_LOCKED
 */
export async function closeRun(
  { run: wanted, journalDirectory: directory, because }: CloseRequest,
  context: AppContext,
): Promise<{ readonly run: string; readonly serverRecord: string }> {
  const run = await findRun(directory, wanted);
  let secrets: readonly string[] = [];
  const journal = await openJournal({ directory, run, clock: context.clock, redact: (text) => redact(text, secrets) });
  try {
    const { isClosed, isClosedByPerson, verdict, opened } = journal.state();
    // What a person closed may still be open in the record of a server that could not be reached then.
    const hasEnded = isClosed && verdict !== 'stuck' && !isClosedByPerson;
    if (hasEnded) throw new Fault('RUN_NOT_OPEN', `run ${run} has ended already`);
    const { env } = context;
    const { compiled } = await loadCompiled({ path: opened.plan_path, env, vars: opened.vars, purpose: 'run' });
    secrets = compiled?.plan.secrets ?? [];
    const { pid, host } = context.process;
    await journal.append({ kind: 'process-attached', pid, host, because: 'close' });
    const serverRecord =
      compiled === undefined
        ? stillOpen('its plan can no longer be read')
        : await closeRows(compiled.plan.targets, journal, context);
    await journal.append({ kind: 'run-closed', verdict: 'closed', because });
    return { run, serverRecord };
  } finally {
    await journal.close();
  }
}

function stillOpen(why: string): string {
  return `The server's record still says that it is open (${why}): close the run again when it can be reached.`;
}

type Targets = ReadonlyMap<string, { readonly url: Parameters<AppContext['openEngine']>[0] }>;

/** What to tell of the server's record. */
async function closeRows(targets: Targets, journal: Journal, context: AppContext): Promise<string> {
  const options = { onSessionOpened: () => Promise.resolve(), run: journal.run };
  for (const [name, { url }] of targets) {
    try {
      const engine = await context.openEngine(url, options, context.signal);
      try {
        const ports = {
          history: () => journal.state(),
          append: async (record: JournalRecord) => {
            await journal.append(record);
          },
        };
        await unlockLogins(ports, [{ name, engine }]);
        const by = await takenOverBy(journal.run, journal.state(), engine, context.signal);
        if (by !== undefined && !journal.state().isClosedByPerson)
          return `It was taken over: ${by}. That stays as it is.`;
        await engine.runs.setState(journal.run, 'closed', context.signal);
      } finally {
        await engine.close();
      }
    } catch (problem) {
      if (!(problem instanceof Fault)) throw problem;
      return stillOpen(problem.message);
    }
  }
  return "The server's record is closed too: other runs may use its scope.";
}
