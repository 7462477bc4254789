// One story: a plan, the faults that are armed, the processes that come one after the other, and the oracle at the end.

import { Fault } from '../../src/kernel/index.ts';
import type { RunState } from '../../src/journal/index.ts';
import { LosingDisk } from './losing-disk.ts';
import { MachinePrograms } from './machine-programs.ts';
import type { Mutant } from './mutants.ts';
import { doubles, exitViolations, violationsAtEnd, violationsOfNothing } from './oracle.ts';
import { answerOf, illegitimate } from './person.ts';
import { journalOn, playProcess, untoldYet, type Machine, type ProcessEnd, type Task } from './processes.ts';
import { Rng } from './rng.ts';
import { World, type Scenario } from './world.ts';

export interface Told {
  readonly violations: readonly string[];
  readonly story: readonly string[];
  readonly hits: ReadonlyMap<string, number>;
  /** How many of its faults happened. */
  readonly faultCount: number;
  /** A verdict, or how else it ended. */
  readonly ending: string;
  readonly processCount: number;
}

/** So many processes may work on one run; more mean that it never ends. */
const PROCESSES_MAX = 30;
/** Whatever was sent, and whatever a dead client left, has happened by then, ms. */
const SETTLED_MS = 300_000;

export async function simulateOne(scenario: Scenario, mutants: ReadonlySet<Mutant> = new Set()): Promise<Told> {
  const world = new World(scenario, mutants);
  for (const [name, table] of scenario.plan.tables) world.server.tables.set(name, table);
  const machine: Machine = { world, disk: new LosingDisk(world), programs: new MachinePrograms(world) };
  const violations: string[] = [];
  let task: Task = { kind: 'begin' };
  let number = 0;
  const person = new Rng(`person ${scenario.seed}`);
  let hasTurned = false;
  let stuckCount = 0;
  let lastAnswer = '';
  let ending = 'endless';
  while (number < PROCESSES_MAX) {
    number += 1;
    const end = await playProcess(machine, number, task);
    if (end.kind === 'ended') violations.push(...untoldYet(machine, end.result));
    world.tell(`p${number} ${wordsFor(end)}`);
    await world.time.pass(world.rng.chance(0.5) ? world.rng.between(0, 100) : world.rng.between(0, 100_000));
    const journal = journalOn(machine);
    const next = whatNext(world, end, journal, task);
    violations.push(...next.violations, ...world.wrong);
    if (next.kind === 'resume' && next.isStuck) stuckCount += 1;
    const wants = (chance: number): boolean => scenario.isTakenBack ?? person.chance(chance);
    const turned = next.kind === 'over' ? turnsBack(next.ending, journal?.state, wants) : undefined;
    if (turned !== undefined && !hasTurned && violations.length === 0) {
      hasTurned = true;
      world.tell('a person wants it all back');
      task = turned;
      continue;
    }
    if (next.kind === 'over' || violations.length > 0 || stuckCount > 2) {
      ending = next.kind === 'over' ? next.ending : 'stuck';
      await world.time.pass(SETTLED_MS);
      violations.push(...finalViolations(machine, ending));
      break;
    }
    const asked = JSON.stringify([next.task, world.faults.fired.length]);
    if (next.task.kind === 'resume' && next.task.settle.length > 0 && asked === lastAnswer)
      violations.push(`a person is asked again: ${asked}`);
    lastAnswer = asked;
    const isFree = next.task.kind === 'resume' && next.task.settle.length === 0 && !next.isStuck;
    const isOnce = scenario.isTakenBack === undefined || world.askedBack === 0;
    task = isFree && isOnce && wants(0.1) ? { kind: 'roll-back' } : next.task;
    if (task.kind === 'resume' && task.settle.length === 0 && scenario.isTakenBack === undefined && person.chance(0.05))
      task = { ...task, isOther: true };
  }
  if (ending === 'endless') violations.push('the run never ends');
  const all = [...new Set(violations)];
  return {
    violations: all,
    get story() {
      return world.story;
    },
    hits: world.faults.hits,
    faultCount: world.faults.fired.length,
    ending,
    processCount: number,
  };
}

/** A committed run whose snapshot is kept may be taken back, once. */
function turnsBack(ending: string, state: RunState | undefined, wants: (chance: number) => boolean): Task | undefined {
  if (ending !== 'committed' || state === undefined || state.isRollbackAsked || !wants(0.3)) return undefined;
  const isKept = [...state.settled.values()].some(
    ({ outcome }) =>
      outcome.kind === 'succeeded' &&
      outcome.evidence.kind === 'snapshot' &&
      !state.droppedSnapshots.has(outcome.evidence.name),
  );
  return isKept ? { kind: 'roll-back' } : undefined;
}

function finalViolations(machine: Machine, ending: string): readonly string[] {
  const journal = journalOn(machine);
  if (ending === 'never-begun') return violationsOfNothing(machine.world);
  if (journal?.state.isClosed !== true) return doubles(machine.world);
  return violationsAtEnd(machine.world, journal.state, journal.entries);
}

type Next =
  | { readonly kind: 'over'; readonly ending: string; readonly violations: readonly string[] }
  | { readonly kind: 'resume'; readonly task: Task; readonly isStuck: boolean; readonly violations: readonly string[] };

function whatNext(world: World, end: ProcessEnd, journal: ReturnType<typeof journalOn>, task: Task): Next {
  const state = journal?.state;
  const go = (next: Task, violations: readonly string[] = [], isStuck = false): Next => {
    return { kind: 'resume', task: next, isStuck, violations };
  };
  const resume: Task = { kind: 'resume', settle: [] };
  switch (end.kind) {
    case 'bug':
      return { kind: 'over', ending: 'bug', violations: [`a bug: ${stackOf(end.problem)}`] };
    case 'hung':
      return { kind: 'over', ending: 'hung', violations: ['the process waits for something that never comes'] };
    case 'crashed':
      return state === undefined ? { kind: 'over', ending: 'never-begun', violations: [] } : go(resume);
    case 'refused':
      return afterRefusal(end.fault, state, task);
    case 'ended': {
      const { exitCode, verdict, fault } = end.result;
      const wrong = exitViolations(end.result, journal?.isBegun === true, task.kind === 'roll-back');
      if (verdict === 'stuck') return go(resume, [...wrong, ...illegitimate(world, state, fault)], true);
      if (verdict !== undefined) return { kind: 'over', ending: verdict, violations: wrong };
      if (state?.isClosed === true) return { kind: 'over', ending: state.verdict ?? 'closed', violations: wrong };
      if (exitCode !== 7) return go(resume, wrong);
      const illegal = [...wrong, ...illegitimate(world, state, fault)];
      const answer = fault?.code === 'NOT_QUIET' ? resume : answerOf(world, state);
      return answer === undefined ? { kind: 'over', ending: 'a person', violations: illegal } : go(answer, illegal);
    }
  }
}

function afterRefusal(fault: Fault, state: RunState | undefined, task: Task): Next {
  const over = (ending: string, violations: readonly string[] = []): Next => ({ kind: 'over', ending, violations });
  if (state === undefined) return over('never-begun');
  const isOther = task.kind === 'resume' && task.isOther === true;
  if (isOther && fault.code === 'PLAN_CHANGED')
    return { kind: 'resume', task: { kind: 'resume', settle: [] }, isStuck: false, violations: [] };
  if (fault.code === 'RUN_NOT_OPEN' && state.isClosed) return over(state.verdict ?? 'closed');
  // A run that was committed and is not closed yet goes on to its end.
  if (fault.code === 'RUN_NOT_OPEN' && task.kind === 'roll-back')
    return { kind: 'resume', task: { kind: 'resume', settle: [] }, isStuck: false, violations: [] };
  // Before it takes a committed run back it looks at what was written since.
  const isUnheard = ['CONNECTION_LOST', 'SERVER_UNREACHABLE', 'INTERRUPTED'].includes(fault.code);
  if (isUnheard && task.kind === 'roll-back') return { kind: 'resume', task, isStuck: false, violations: [] };
  if (
    fault.code === 'GUARD_REFUSED' &&
    task.kind === 'roll-back' &&
    task.discards !== true &&
    state.verdict === 'committed'
  )
    return { kind: 'resume', task: { kind: 'roll-back', discards: true }, isStuck: false, violations: [] };
  if (fault.code === 'JOURNAL_UNWRITABLE')
    return { kind: 'resume', task: { kind: 'resume', settle: [] }, isStuck: false, violations: [] };
  return over('refused', [`${task.kind} was refused: ${fault.code} ${fault.message}`]);
}

function wordsFor(end: ProcessEnd): string {
  if (end.kind === 'ended')
    return `exits with ${end.result.exitCode} (${end.result.verdict ?? end.result.fault?.code ?? ''})`;
  if (end.kind === 'refused') return `is refused: ${end.fault.code} ${end.fault.message}`;
  return end.kind;
}

function stackOf(problem: unknown): string {
  return problem instanceof Error ? (problem.stack ?? problem.message) : String(problem);
}
