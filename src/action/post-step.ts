import { endGuard, takeBack } from '../app/guard-job.ts';
import { runsOfStep } from '../app/job-runs.ts';
import type { WorkResult } from '../app/work-on-run.ts';
import { Fault } from '../kernel/index.ts';
import type { ActionIo } from './io.ts';
import { faultExit } from './main-step.ts';
import { journalsIn, tellStep, waysOut } from './tell.ts';
import { openWorld, type World } from './world.ts';

/**
 * Ends whatever run the main step left open: a guard as the job ended, anything else by going back. Gives the exit
 * code: 0 where there is nothing left to do.
 */
export async function postStep(io: ActionIo): Promise<number> {
  const directory = io.env['STATE_directory'] ?? '';
  if (directory === '') return 0; // The main step was ended before it had begun anything.
  const world = openWorld(io);
  try {
    const runs = await runsOfStep(journalsIn(directory));
    let exitCode = 0;
    for (const { run, state } of runs) {
      if (state !== 'closed') {
        const ended = await endRun({ run, isDecided: state === 'decided' }, directory, world);
        exitCode ||= ended;
      } else if (io.env['STATE_told'] !== run) {
        // The main step was killed between the end of its run and telling of it.
        await tellStep({ run, directory }, world);
      }
    }
    return exitCode;
  } finally {
    world.close();
  }
}

interface OpenRun {
  readonly run: string;
  readonly isDecided: boolean;
}

async function endRun(open: OpenRun, directory: string, world: World): Promise<number> {
  const { run } = open;
  try {
    const result = await settled(open, journalsIn(directory), world);
    world.finish();
    await tellStep({ run, directory }, world);
    return result.exitCode;
  } catch (problem) {
    const exitCode = faultExit(problem, world);
    world.annotate([
      { severity: 'error', title: 'snapback: the run is open', message: `${run} is open. ${waysOut(run)}` },
    ]);
    return exitCode;
  }
}

function settled(open: OpenRun, journalDirectory: string, { io, input, context }: World): Promise<WorkResult> {
  const status = input('job-status');
  const request = { ...open, journalDirectory };
  if (open.isDecided || io.env['STATE_guard'] !== open.run) {
    return takeBack({ ...request, because: 'the step had ended and left the run open' }, context);
  }
  switch (status) {
    case 'success':
      return endGuard(request, context);
    case 'failure':
      return takeBack({ ...request, because: 'the job failed' }, context);
    case 'cancelled':
      return takeBack({ ...request, because: 'the job was cancelled' }, context);
    default:
      throw new Fault(
        'STEP_IN_DOUBT',
        `the input job-status is ${JSON.stringify(status)}: nobody says how the job ended`,
        {
          hint: 'Leave `job-status` at its default. Nothing was touched, the snapshot is there.',
        },
      );
  }
}
