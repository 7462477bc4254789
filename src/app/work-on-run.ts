// What `run`, `resume` and `rollback` have in common: an attached journal, a compiled plan, and an end that is told
// truly.

import { dirname, resolve } from 'node:path';
import type { CompiledPlan } from '../compile/index.ts';
import { databaseUrlForPrograms } from '../engines/index.ts';
import type { Journal } from '../journal/index.ts';
import { Fault, FAULTS, loginLabel, VERDICT_EXIT_CODES, type Verdict } from '../kernel/index.ts';
import type { PlanShape } from '../report/index.ts';
import { interruption, startRun, systemPrograms, type RunEnd, type RunPorts } from '../runtime/index.ts';
import { holderOf, type AppContext } from './context.ts';
import { NEW_ADMIN_PASSWORD } from './load-compiled.ts';

export interface WorkResult {
  readonly exitCode: number;
  readonly run: string;
  readonly verdict: Verdict | undefined;
  /** Why the run is open, or why it was never begun. */
  readonly fault: Fault | undefined;
}

export type Because = 'run' | 'resume' | 'rollback';

export async function workOnRun(
  compiled: CompiledPlan,
  journal: Journal,
  because: Because,
  context: AppContext,
): Promise<WorkResult> {
  const { pid, host } = context.process;
  await journal.append({ kind: 'process-attached', pid, host, because });
  const end = await startRun(compiled, portsOf(compiled, journal, context), context.signal);
  return conclude(end, journal, because);
}

/** Lets the door hear the run: what there was before, and then each record as it becomes durable. */
export function letHear(compiled: CompiledPlan, journal: Journal, context: AppContext): void {
  context.onBegin({ shape: shapeOf(compiled), earlier: journal.entries });
  journal.onAppend((entry) => {
    const { sequence, record } = entry;
    context.log.debug({ run: journal.run, sequence, kind: record.kind }, 'record appended');
    context.onEntry(entry);
  });
}

/** What the plan would do, in reading order, for the display and the reports. */
export function shapeOf({ topology }: CompiledPlan): PlanShape {
  return [...topology.nodes.values()]
    .filter((node) => node.kind === 'action')
    .map(({ key, title, phase, action }) => ({
      action: key,
      title,
      phase,
      kind: action.kind === 'step' ? action.step.kind : title,
    }));
}

function portsOf({ plan }: CompiledPlan, journal: Journal, context: AppContext): RunPorts {
  return {
    run: journal.run,
    clock: context.clock,
    entropy: context.entropy,
    log: context.log,
    append: async (record) => {
      await journal.append(record);
    },
    history: () => journal.state(),
    openEngine: context.openEngine,
    programs: context.programs ?? systemPrograms,
    onProgress: context.onProgress,
    onProgramLine: context.onProgramLine,
    holder: holderOf(context),
    env: context.env,
    planFolder: dirname(resolve(context.cwd, plan.path)),
    programUrl: (target) => databaseUrlForPrograms(plan.targets.get(target)?.url.reveal() ?? ''),
    secrets: plan.secrets,
    secretVariables: [...plan.secretVariables, NEW_ADMIN_PASSWORD],
  };
}

async function conclude(end: RunEnd, journal: Journal, because: Because): Promise<WorkResult> {
  if (end.kind === 'ended') {
    const isWanted = because === 'rollback' && end.verdict === 'rolled-back';
    const exitCode = isWanted ? 0 : VERDICT_EXIT_CODES[end.verdict];
    return { exitCode, run: journal.run, verdict: end.verdict, fault: undefined };
  }
  const { fault } = end;
  if (fault.code === 'RUN_NOT_OPEN') {
    await journal.append({ kind: 'run-closed', verdict: 'closed', because: fault.message });
    return { exitCode: FAULTS[fault.code].exitCode, run: journal.run, verdict: undefined, fault };
  }
  const isBegun = journal.state().hasIntents;
  if (FAULTS[fault.code].exitCode !== 12) {
    await noteLockedLogins(journal);
    await journal.append(interruption(fault));
    if (!isBegun && !end.mayBeEntered)
      await journal.append({ kind: 'run-closed', verdict: 'failed-clean', because: fault.message });
  }
  // Once something may have been changed, "untouched" would be a lie whatever the fault is called.
  const isTruthful = [6, 7].includes(FAULTS[fault.code].exitCode);
  const exitCode = isBegun && !isTruthful ? FAULTS.CONNECTION_LOST.exitCode : FAULTS[fault.code].exitCode;
  return { exitCode, run: journal.run, verdict: undefined, fault };
}

/** Whoever takes an open run up has to know who waits for its end. */
async function noteLockedLogins(journal: Journal): Promise<void> {
  const logins = journal.state().lockedLogins.map(({ user, host }) => loginLabel({ user, host: host ?? undefined }));
  if (logins.length === 0) return;
  const text = `${logins.join(', ')}: locked out until the run has ended, or \`snapback close\` has let them in`;
  await journal.append({ kind: 'note', text });
}
