// What may go wrong, and where. A fault is armed for one call, counted among those at which it may happen.

export const FAULT_KINDS = [
  'crash-before',
  'crash-sent',
  'crash-unsynced',
  'crash-after',
  'cut-before',
  'cut-sent',
  'cut-after',
  'slow',
  'refused',
  'deadlock',
  'lock-wait',
  'restart-before',
  'restart-after',
  'interrupt',
  'disk-full',
  'sync-fails',
  'restore-lies',
] as const;

export type FaultKind = (typeof FAULT_KINDS)[number];

/** The failpoints: every way in which a process reaches out of itself. */
export type Place = 'write' | 'sync' | 'connect' | 'statement' | 'program';

export const FAULTS_AT: Readonly<Record<Place, readonly FaultKind[]>> = {
  write: ['crash-before', 'disk-full'],
  sync: ['crash-unsynced', 'crash-after', 'sync-fails'],
  connect: ['crash-before', 'crash-after', 'refused', 'slow', 'restart-before', 'interrupt'],
  statement: [
    'crash-before',
    'crash-sent',
    'crash-after',
    'cut-before',
    'cut-sent',
    'cut-after',
    'slow',
    'deadlock',
    'lock-wait',
    'restart-before',
    'restart-after',
    'interrupt',
    'restore-lies',
  ],
  program: ['crash-before', 'crash-sent', 'crash-after', 'interrupt'],
};

/** What is being done when it happens. `begin`, `quiet` and `end` are no steps: what every process of a run does. */
export const WORK_KINDS = [
  'begin',
  'quiet',
  'snapshot',
  'sql-transaction',
  'sql-alone',
  'run',
  'verify',
  'restore',
  'drop',
  'restore-all',
  'prove-all',
  'release',
  'end',
] as const;

export type WorkKind = (typeof WORK_KINDS)[number];

/** How far it is: asking about an older attempt, writing the intent, acting, writing the outcome. */
export const MOMENTS = ['doubt', 'intent', 'act', 'outcome'] as const;

export type Moment = (typeof MOMENTS)[number];

/** The parts of a plan that an action stands in. */
export const PARTS = ['steps', 'undo', 'rollback', 'auto', 'finally'] as const;

export type Part = (typeof PARTS)[number];

export interface Where {
  readonly kind: WorkKind;
  readonly moment: Moment;
}

export interface Arm {
  readonly fault: FaultKind;
  readonly at: Where;
  /** Left out: in any of them. */
  readonly part?: Part | undefined;
  /** A failpoint by its name, or a part of it: `COMMIT`, `is ready`, `action-settled`. Left out: at any of them. */
  readonly name?: string | undefined;
  /** At the so-many-th call that fits, from 1. */
  readonly nth: number;
}

export const cellOf = ({ kind, moment }: Where, fault: FaultKind): string => `${kind} ${moment} ${fault}`;

/** The same by the part of the plan that the action stands in. */
export const partCellOf = (part: Part, fault: FaultKind): string => `in ${part} ${fault}`;

/** The armed faults of one story; each happens at most once. */
export class Faults {
  readonly hits = new Map<string, number>();
  readonly fired: Arm[] = [];
  readonly #waiting: { readonly arm: Arm; left: number }[];

  constructor(arms: readonly Arm[]) {
    this.#waiting = arms.map((arm) => ({ arm, left: arm.nth }));
  }

  /** Whether any is left that has not happened. */
  get isWaiting(): boolean {
    return this.#waiting.length > 0;
  }

  /** The fault that happens at this call, if any. `isPossible` knows what the call is. */
  at(
    { place, name }: { readonly place: Place; readonly name: string },
    where: Where & { readonly part: Part | undefined },
    isPossible: (fault: FaultKind) => boolean,
  ): FaultKind | undefined {
    for (const [index, waiting] of this.#waiting.entries()) {
      const { arm } = waiting;
      if (arm.at.kind !== where.kind || arm.at.moment !== where.moment) continue;
      if (arm.part !== undefined && arm.part !== where.part) continue;
      if (arm.name !== undefined && !name.includes(arm.name)) continue;
      if (!FAULTS_AT[place].includes(arm.fault) || !isPossible(arm.fault)) continue;
      waiting.left -= 1;
      if (waiting.left > 0) continue;
      this.#waiting.splice(index, 1);
      this.fired.push(arm);
      this.#count(cellOf(where, arm.fault));
      if (where.part !== undefined) this.#count(partCellOf(where.part, arm.fault));
      return arm.fault;
    }
    return undefined;
  }

  #count(cell: string): void {
    this.hits.set(cell, (this.hits.get(cell) ?? 0) + 1);
  }
}
