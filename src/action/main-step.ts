import { join, resolve } from 'node:path';
import { beginGuard } from '../app/guard-job.ts';
import { loadCompiled } from '../app/load-compiled.ts';
import { diagnosticRemarks } from '../app/point-at-plan.ts';
import { protect } from '../app/protect.ts';
import { runPlan } from '../app/run-plan.ts';
import { tellNewest } from '../app/run-status.ts';
import type { WorkResult } from '../app/work-on-run.ts';
import { Fault, FAULTS, systemEntropy } from '../kernel/index.ts';
import type { ActionIo } from './io.ts';
import { modeOf, type Mode } from './mode.ts';
import { fileEntry } from './protocol.ts';
import { journalsIn, outputsOf, setOutputs, tellStep } from './tell.ts';
import { mask, openWorld, type World } from './world.ts';

const EXIT_PLAN_INVALID = 3;
/** Of the annotations of a step, those that warnings about the plan leave for what happens when it runs. */
const REMARKS_RESERVED = 5;

/** Runs a plan, protects a command, or begins to guard the job. Gives the exit code. */
export async function mainStep(io: ActionIo): Promise<number> {
  // First of all: whatever is begun from here on, the post step finds.
  const directory = join(io.env['RUNNER_TEMP'] ?? io.cwd, 'snapback', systemEntropy.token(12));
  io.append('state', fileEntry('directory', directory, systemEntropy));
  const world = openWorld(io);
  try {
    const mode = modeOf(world.input, io.platform);
    return mode.kind === 'guard' ? await guard(mode, directory, world) : await work(mode, directory, world);
  } catch (problem) {
    return faultExit(problem, world);
  } finally {
    world.close();
  }
}

/** What ended a step before it had a run, or without one. What is no Fault is a bug and goes on. */
export function faultExit(problem: unknown, { annotate }: World): number {
  if (!(problem instanceof Fault)) throw problem;
  const { code, message, hint } = problem;
  annotate([{ severity: 'error', title: `snapback: ${code}`, message: `${message}\n${hint}` }]);
  return FAULTS[code].exitCode;
}

async function work(mode: Exclude<Mode, { kind: 'guard' }>, directory: string, world: World): Promise<number> {
  const { url, context } = world;
  const journalDirectory = journalsIn(directory);
  const result =
    mode.kind === 'plan'
      ? await workPlan(mode, journalDirectory, world)
      : await protect({ wishes: mode.wishes, url: needed(url), journalDirectory }, context);
  if (result === undefined) return EXIT_PLAN_INVALID;
  world.finish();
  await tellStep({ run: result.run, directory }, world);
  return result.exitCode;
}

async function workPlan(
  { path, vars }: Mode & { readonly kind: 'plan' },
  journalDirectory: string,
  { folder, context, io, annotate }: World,
): Promise<WorkResult | undefined> {
  const request = { path: resolve(folder, path), vars };
  const { source, compiled, diagnostics } = await loadCompiled({ ...request, env: context.env, purpose: 'run' });
  annotate(diagnosticRemarks(source, diagnostics), compiled === undefined ? 0 : REMARKS_RESERVED);
  if (compiled === undefined) return undefined;
  mask(io, compiled.plan.secrets);
  const end = await runPlan({ ...request, journalDirectory }, context);
  return end.kind === 'worked' ? end.result : undefined;
}

async function guard({ wishes }: Mode & { kind: 'guard' }, directory: string, world: World): Promise<number> {
  const { url, context, io } = world;
  const journalDirectory = journalsIn(directory);
  const { isGuarding, result } = await beginGuard({ wishes, url: needed(url), journalDirectory }, context);
  const { run } = result;
  if (!isGuarding) {
    world.finish();
    await tellStep({ run, directory }, world);
    return result.exitCode;
  }
  io.append('state', fileEntry('guard', run, systemEntropy));
  // Programs of later steps carry the mark of the run: what they leave behind is ended before the data goes back.
  io.append('env', fileEntry('SNAPBACK_RUN', run, systemEntropy));
  const { report } = await tellNewest(journalDirectory, run);
  setOutputs(io, outputsOf(report, '', join(journalDirectory, `${run}.journal`)));
  io.print(`Run ${run} guards the rest of the job. Its post step checks, or brings the data back.`);
  return 0;
}

function needed(url: string): string {
  if (url !== '') return url;
  throw new Fault('USAGE', 'no server is named', { hint: 'Give the input `url`, or set DATABASE_URL in `env:`.' });
}
