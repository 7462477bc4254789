// What a seed stands for: one cell of the coverage that the story is to hit, a plan that comes there, and more faults.

import { CELLS, impossible, type Cell } from './coverage.ts';
import {
  FAULT_KINDS,
  FAULTS_AT,
  MOMENTS,
  type Arm,
  type FaultKind,
  type Moment,
  type Part,
  type WorkKind,
} from './faults.ts';
import { kindOfAction, randomPlan, type RandomPlan } from './random-plan.ts';
import { Rng } from './rng.ts';
import type { Scenario } from './world.ts';

/** The moments, as often as they are worth it: what is done while acting is what is hard to know later. */
const OFTEN: readonly Moment[] = ['act', 'act', 'act', ...MOMENTS];

/** What leaves an action in doubt. */
const HARD: readonly FaultKind[] = ['crash-sent', 'crash-after', 'crash-unsynced', 'cut-sent', 'cut-after'];
const EFFECTFUL: readonly WorkKind[] = ['sql-alone', 'sql-transaction', 'run'];

/** The failpoints at which it is decided whether anything has happened. */
const DECISIVE: Readonly<Partial<Record<WorkKind, readonly string[]>>> = {
  snapshot: ['begin sb_', 'is ready', 'register the snapshot'],
  'sql-transaction': ['COMMIT', 'COMMIT', 'marker of'],
  'sql-alone': ['CREATE TABLE', 'ALTER TABLE', 'UPDATE'],
  restore: ['restore table', 'restored'],
  drop: ['drop a table'],
  'restore-all': ['restore table', 'restored'],
  release: ['drop a table'],
  end: ['the run is', 'clear markers'],
};
const isOfStatements = (fault: FaultKind): boolean => FAULTS_AT.statement.includes(fault);

/** How many stories in a hundred have a long plan and many faults; the others are short and aim well. */
const WILD_PERCENT = 15;

/** The story that a seed stands for. */
export function randomScenario(seed: string): Scenario {
  const rng = new Rng(`faults ${seed}`);
  const cell = rng.pick(AIMED);
  const isWild = rng.chance(WILD_PERCENT / 100);
  const plan = randomPlan(seed, { isWild, ...wishOf(cell) });
  return { seed, plan, arms: isWild ? wildArms(rng, plan, cell) : fewArms(rng, plan, cell) };
}

/** Not in every plan, or on a way that few stories take. */
const RARE: readonly WorkKind[] = ['restore', 'drop'];
const WEIGHT_IN: Readonly<Record<Part, number>> = { steps: 1, auto: 1, rollback: 3, undo: 4, finally: 4 };
const isAboutSessions = (fault: FaultKind): boolean => ['refused', 'lock-wait', 'deadlock'].includes(fault);

/** Cells that are hard to come to are aimed at more often. */
const AIMED: readonly Cell[] = CELLS.flatMap((cell) => Array<Cell>(weightOf(cell)).fill(cell));

function weightOf(cell: Cell): number {
  if (cell.kind === 'part') return WEIGHT_IN[cell.part] + (isAboutSessions(cell.fault) ? 1 : 0);
  const { kind, moment } = cell.at;
  const isSent = cell.fault === 'crash-sent' || cell.fault === 'cut-sent';
  if (moment === 'act' && EFFECTFUL.includes(kind) && HARD.includes(cell.fault)) return isSent ? 20 : 8;
  if (moment === 'doubt') return kind === 'sql-transaction' ? 6 : 4;
  return RARE.includes(kind) || (kind === 'run' && moment === 'outcome') ? 3 : 2;
}

function wishOf(cell: Cell): { readonly kind: WorkKind | undefined; readonly part: Part | undefined } {
  return cell.kind === 'part' ? { kind: undefined, part: cell.part } : { kind: cell.at.kind, part: undefined };
}

/** The one that is aimed at, with what has to come before it, and perhaps another. */
function fewArms(rng: Rng, plan: RandomPlan, cell: Cell): readonly Arm[] {
  const kinds = kindsIn(plan);
  const more = Array.from({ length: rng.chance(0.6) ? 0 : rng.between(1, 2) }, () => randomArm(rng, kinds));
  return withCause(rng, [aimedArm(rng, plan, cell), ...more]);
}

function wildArms(rng: Rng, plan: RandomPlan, cell: Cell): readonly Arm[] {
  const kinds = kindsIn(plan);
  const arms = [aimedArm(rng, plan, cell), ...Array.from({ length: rng.between(0, 6) }, () => randomArm(rng, kinds))];
  const effectful = kinds.filter((kind) => EFFECTFUL.includes(kind));
  if (effectful.length > 0 && rng.chance(0.6)) {
    const at = { kind: rng.pick(effectful), moment: 'act' } as const;
    arms.unshift({ fault: rng.pick(HARD), at, nth: rng.between(1, 10) });
  }
  return withCause(rng, arms);
}

/** Nothing is in doubt before something has been cut off. */
function withCause(rng: Rng, arms: readonly Arm[]): readonly Arm[] {
  const doubts = arms.filter(({ at }) => at.moment === 'doubt');
  const causes = doubts.map(({ at: { kind } }): Arm => {
    return { fault: rng.pick(HARD), at: { kind, moment: 'act' }, nth: rng.between(1, 5) };
  });
  return [...arms, ...causes];
}

function aimedArm(rng: Rng, plan: RandomPlan, cell: Cell): Arm {
  const nth = rng.chance(0.5) ? 1 : rng.between(1, 5);
  if (cell.kind === 'work') {
    const { at, fault } = cell;
    const names = at.moment === 'act' && isOfStatements(fault) ? (DECISIVE[at.kind] ?? []) : [];
    if (names.length > 0 && rng.chance(0.4)) return { fault, at, name: rng.pick(names), nth: rng.between(1, 2) };
    return { fault, at, nth: nthIn(rng, at) };
  }
  const kinds = kindsIn(plan, cell.part);
  const { fault, part } = cell;
  for (let tries = 0; tries < 50; tries += 1) {
    const at = { kind: rng.pick(kinds), moment: rng.pick(OFTEN) };
    if (at.moment !== 'doubt' && impossible(at, fault) === undefined) return { fault, at, part, nth };
  }
  return randomArm(rng, kindsIn(plan));
}

/** Statements are many, and each of them may be the one that counts. */
function nthIn(rng: Rng, { kind, moment }: Arm['at']): number {
  if (moment === 'doubt' || moment === 'intent') return 1;
  const isEffectful = EFFECTFUL.includes(kind);
  const many = moment === 'act' ? (isEffectful ? 10 : 5) : isEffectful ? 4 : 1;
  return rng.chance(0.5) ? 1 : rng.between(1, many);
}

function randomArm(rng: Rng, kinds: readonly WorkKind[]): Arm {
  for (;;) {
    const at = { kind: rng.pick(kinds), moment: rng.pick(OFTEN) };
    const fault = rng.pick(FAULT_KINDS);
    if (impossible(at, fault) !== undefined) continue;
    const isOnce = at.moment !== 'act' || rng.chance(0.5);
    return { fault, at, nth: isOnce ? 1 : rng.between(1, 8) };
  }
}

function kindsIn(plan: RandomPlan, part?: Part): readonly WorkKind[] {
  const actions = [...plan.compiled.topology.nodes.keys()].filter(
    (key) => !key.startsWith('verdict/') && (part === undefined || key.startsWith(`${part}/`)),
  );
  const around: readonly WorkKind[] = part === undefined ? ['begin', 'quiet', 'end'] : [];
  return [...new Set<WorkKind>([...around, ...actions.map((action) => kindOfAction(plan, action))])];
}
