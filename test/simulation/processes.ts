// The processes of one run, one after the other: each begins it, or takes it up from what the disk kept.

import { resumeOn, rollbackOn } from '../../src/app/resume-run.ts';
import { letHear, workOnRun, type WorkResult } from '../../src/app/work-on-run.ts';
import { contextIn } from '../../src/app/default-context.ts';
import type { AppContext } from '../../src/app/context.ts';
import { compilePlan, type CompiledPlan } from '../../src/compile/index.ts';
import { createJournal, openJournal, RunFold, type Journal, type JournalEntry } from '../../src/journal/index.ts';
import { Fault, type RunId } from '../../src/kernel/index.ts';
import { Life } from './life.ts';
import type { LosingDisk } from './losing-disk.ts';
import type { MachinePrograms } from './machine-programs.ts';
import { withoutStep } from './random-plan.ts';
import { scriptedEngine } from './scripted-engine.ts';
import type { World } from './world.ts';

export const RUN = 'simulated' as RunId;
const PATH = `journals/${RUN}.journal`;

export type Task =
  | { readonly kind: 'begin' }
  | {
      readonly kind: 'resume';
      readonly settle: Parameters<typeof resumeOn>[2];
      /** Somebody has changed the plan since. */
      readonly isOther?: boolean;
    }
  | {
      readonly kind: 'roll-back';
      /** Whatever was written since the commit may be lost. */
      readonly discards?: boolean;
    };

export type ProcessEnd =
  | { readonly kind: 'ended'; readonly result: WorkResult }
  | { readonly kind: 'crashed' }
  | { readonly kind: 'refused'; readonly fault: Fault }
  | { readonly kind: 'bug'; readonly problem: unknown }
  | { readonly kind: 'hung' };

export interface Machine {
  readonly world: World;
  readonly disk: LosingDisk;
  readonly programs: MachinePrograms;
}

/** Lets one process work until it ends, however it ends. */
export async function playProcess(machine: Machine, number: number, task: Task): Promise<ProcessEnd> {
  const { world, disk } = machine;
  const life = new Life(number);
  world.begins();
  let end: ProcessEnd | undefined;
  perform(machine, life, task).then(
    (result) => (end = { kind: 'ended', result }),
    (problem: unknown) =>
      (end = problem instanceof Fault ? { kind: 'refused', fault: problem } : { kind: 'bug', problem }),
  );
  const isOver = await world.time.until(() => end !== undefined || life.isDead);
  const isCrash = end === undefined && isOver;
  life.die();
  if (!isOver) return { kind: 'hung' };
  if (isCrash) disk.crash();
  return end ?? { kind: 'crashed' };
}

/** What a process that has ended said has to be on the disk for good. */
export function untoldYet({ disk }: Machine, { verdict }: WorkResult): readonly string[] {
  const file = disk.files.get(PATH);
  const durable = file?.entries().slice(0, file.durableCount) ?? [];
  const told = durable.some(({ record }) => record.kind === 'verdict-reached' && record.verdict === verdict);
  return verdict === undefined || told ? [] : [`${verdict} was told before it was recorded`];
}

/** What the journal on the disk holds, as a later process would find it; undefined when there is none to be read. */
export function journalOn({ disk }: Machine) {
  const file = disk.files.get(PATH);
  if (file === undefined) return undefined;
  const entries = file.entries();
  const fold = new RunFold();
  for (const entry of entries) fold.add(entry);
  const state = fold.state();
  const durable = entries.slice(0, file.durableCount);
  const isBegun = durable.some(({ record }) => record.kind === 'action-intended');
  return state === undefined ? undefined : { entries, state, isBegun };
}

async function perform(machine: Machine, life: Life, task: Task): Promise<WorkResult> {
  const { world, disk } = machine;
  const compiled = task.kind === 'resume' && task.isOther === true ? otherPlan(world) : compiledFor(world);
  const context = contextOf(machine, life);
  const { clock } = context;
  const request = { directory: 'journals', run: RUN, clock, redact: (text: string) => text, disk: disk.portOf(life) };
  const journal = task.kind === 'begin' ? await createJournal(request) : await openJournal(request);
  letHear(compiled, journal, context);
  try {
    switch (task.kind) {
      case 'begin':
        await journal.append({
          kind: 'run-opened',
          run: RUN,
          plan_name: compiled.plan.name,
          plan_path: compiled.plan.path,
          plan_digest: compiled.plan.digest,
          vars: {},
          tool_version: '0',
        });
        return await workOnRun(compiled, journal, 'run', context);
      case 'resume':
        doubtIn(journal, world);
        return await resumeOn(compiled, journal, task.settle, context);
      case 'roll-back':
        doubtIn(journal, world);
        return await rollbackOn(compiled, journal, { discardLaterWrites: task.discards === true }, context);
    }
  } finally {
    await journal.close();
  }
}

function compiledFor({ mutants, scenario }: World): CompiledPlan {
  const { compiled } = scenario.plan;
  if (!mutants.has('what is in doubt is run again')) return compiled;
  const steps = compiled.plan.steps.map((step) => ({ ...step, inDoubt: 'rerun' as const }));
  const changed = compilePlan({ ...compiled.plan, steps });
  return changed.kind === 'ok' ? changed.value : compiled;
}

/** The same without one of its steps, or with nothing but another digest. */
function otherPlan({ scenario: { plan }, rng }: World): CompiledPlan {
  const ids = plan.compiled.plan.steps.map(({ id }) => id);
  const { compiled } = withoutStep(plan, rng.pick(ids)) ?? plan;
  return { ...compiled, plan: { ...compiled.plan, digest: 'e'.repeat(64) } };
}

function doubtIn(journal: Journal, world: World): void {
  [world.doubt] = journal.state().inDoubt.keys();
}

function contextOf({ world, disk, programs }: Machine, life: Life): AppContext {
  const { signal } = life.interruption;
  const outside = { env: {}, cwd: '/', process: { pid: life.number, host: 'machine', user: 'person' }, signal };
  return contextIn(outside, {
    clock: world.time.clockOf(life),
    entropy: { token: (length) => world.rng.token(length) },
    openEngine: scriptedEngine(world, life),
    programs: programs.portOf(life),
    onEntry: (entry) => {
      if (entry.record.kind === 'rollback-asked') world.askedBack += 1;
      if (entry.sequence > (disk.files.get(PATH)?.durableCount ?? 0))
        world.wrong.push(`${entry.record.kind} was told before it was recorded`);
      tellEntry(world, life, entry);
    },
  });
}

const TOLD = [
  'action-intended',
  'action-settled',
  'verdict-reached',
  'run-closed',
  'interrupted',
  'attempt-failed',
  'note',
];

function tellEntry(world: World, life: Life, { record }: JournalEntry): void {
  if (!TOLD.includes(record.kind)) return;
  const parts: string[] = [record.kind];
  if ('action' in record) parts.push(record.action);
  if (record.kind === 'action-settled') {
    const { outcome } = record;
    parts.push(outcome.kind, outcome.kind === 'failed' ? `${outcome.fault.code} ${outcome.fault.message}` : '');
  }
  if (record.kind === 'interrupted') parts.push(record.fault.code, record.fault.message);
  if (record.kind === 'note') parts.push(record.text);
  if ('verdict' in record) parts.push(record.verdict);
  world.tell(`p${life.number} ${parts.join(' ').trim()}`);
}
