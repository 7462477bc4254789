// Which faults were met at which work: what was hit how often, and what cannot occur and why.

import {
  cellOf,
  FAULT_KINDS,
  FAULTS_AT,
  MOMENTS,
  partCellOf,
  PARTS,
  WORK_KINDS,
  type FaultKind,
  type Part,
  type Where,
  type WorkKind,
} from './faults.ts';

/** Work that writes no intent of its own and leaves nothing in doubt: what every process does around its actions. */
const AROUND: readonly WorkKind[] = ['begin', 'quiet', 'end'];
/** Actions of ours: they are run again, and nobody is asked about them. */
const OURS: readonly WorkKind[] = ['restore-all', 'prove-all', 'release'];
/** Steps whose doubt is answered without asking the server. */
const UNASKED: readonly WorkKind[] = ['run', 'sql-alone', 'verify', 'restore', 'drop'];
/** Nothing of these takes a lock on a table. */
const LOCKLESS: readonly WorkKind[] = ['begin', 'quiet', 'end', 'run', 'verify', 'drop', 'release'];
/** Nothing of these opens a connection of its own. */
const CONNECTIONLESS: readonly WorkKind[] = ['quiet', 'end', 'run', 'verify', 'drop', 'release'];
const AT_DISK: readonly FaultKind[] = [...FAULTS_AT.write, ...FAULTS_AT.sync];

/** Nothing of these writes a record while it acts. */
const SILENT: readonly WorkKind[] = ['verify', 'drop', 'release'];

interface Reason {
  readonly why: string;
  readonly holds: (where: Where, fault: FaultKind) => boolean;
}

const isDiskOnly = (fault: FaultKind): boolean =>
  AT_DISK.includes(fault) && !FAULTS_AT.statement.includes(fault) && !FAULTS_AT.connect.includes(fault);
const isAboutLocks = (fault: FaultKind): boolean => fault === 'deadlock' || fault === 'lock-wait';
const isWritten = (moment: Where['moment']): boolean => moment === 'intent' || moment === 'outcome';

/** What cannot occur, and why. */
export const REASONS: readonly Reason[] = [
  {
    why: 'begin, quiet and end are no actions: they have no intent, no outcome and no doubt',
    holds: ({ kind, moment }) => AROUND.includes(kind) && moment !== 'act',
  },
  {
    why: 'only a restore can answer OK and restore nothing, and only the automatic one is followed by a proof always',
    holds: ({ kind, moment }, fault) => fault === 'restore-lies' && !(kind === 'restore-all' && moment === 'act'),
  },
  {
    why: 'while a record is written only the disk is asked',
    holds: ({ moment }, fault) => isWritten(moment) && !AT_DISK.includes(fault),
  },
  {
    why: 'restore-all, prove-all and release are run again, and nobody is asked about them',
    holds: ({ kind, moment }) => moment === 'doubt' && OURS.includes(kind),
  },
  {
    why: 'the journal alone answers for programs, for statements sent alone, for checks, restores and drops',
    holds: ({ kind, moment }) => moment === 'doubt' && UNASKED.includes(kind),
  },
  {
    why: 'sessions are ended without a record; one says so afterwards',
    holds: ({ kind }, fault) => kind === 'quiet' && isDiskOnly(fault),
  },
  {
    why: 'a snapshot in doubt is looked for on the session that is open, without a lock',
    holds: ({ kind, moment }, fault) =>
      moment === 'doubt' && kind === 'snapshot' && (isAboutLocks(fault) || fault === 'refused'),
  },
  {
    why: 'it takes no lock on a table',
    holds: ({ kind }, fault) => isAboutLocks(fault) && LOCKLESS.includes(kind),
  },
  {
    why: 'it opens no connection of its own',
    holds: ({ kind }, fault) => fault === 'refused' && CONNECTIONLESS.includes(kind),
  },
  {
    why: 'it writes nothing between its intent and its outcome, as long as its session lives',
    holds: ({ kind, moment }, fault) => moment === 'act' && SILENT.includes(kind) && isDiskOnly(fault),
  },
];

/** Why a fault cannot meet that work; undefined where it can. */
export function impossible(where: Where, fault: FaultKind): string | undefined {
  return REASONS.find(({ holds }) => holds(where, fault))?.why;
}

/** The same of a part of the plan. */
export function impossibleIn(part: Part, fault: FaultKind): string | undefined {
  return fault === 'restore-lies' && part !== 'auto'
    ? 'only the automatic restore may lie: a proof follows it'
    : undefined;
}

/** A place to be hit: work of one kind at one moment, or a part of the plan, and what goes wrong there. */
export type Cell =
  | { readonly kind: 'work'; readonly at: Where; readonly fault: FaultKind }
  | { readonly kind: 'part'; readonly part: Part; readonly fault: FaultKind };

export const cellName = (cell: Cell): string =>
  cell.kind === 'work' ? cellOf(cell.at, cell.fault) : partCellOf(cell.part, cell.fault);

/** Every cell that can be hit. */
export const CELLS: readonly Cell[] = FAULT_KINDS.flatMap((fault) => [
  ...wheres()
    .filter((at) => impossible(at, fault) === undefined)
    .map((at): Cell => ({ kind: 'work', at, fault })),
  ...PARTS.filter((part) => impossibleIn(part, fault) === undefined).map((part): Cell => ({
    kind: 'part',
    part,
    fault,
  })),
]);

export class Coverage {
  readonly #hits = new Map<string, number>();

  add(hits: ReadonlyMap<string, number>): void {
    for (const [cell, count] of hits) this.#hits.set(cell, (this.#hits.get(cell) ?? 0) + count);
  }

  entries(): readonly (readonly [string, number])[] {
    return [...this.#hits];
  }

  /** One line per kind and moment, and per part, faults in columns: a count, or `-` where it cannot occur. */
  table(): readonly string[] {
    const line = (name: string, cells: readonly string[]): string =>
      name.padEnd(26) + cells.map((cell, at) => cell.padStart((FAULT_KINDS[at] ?? '').length + 2)).join('');
    return [
      line('', FAULT_KINDS),
      ...wheres().map((where) =>
        line(
          `${where.kind} ${where.moment}`,
          FAULT_KINDS.map((fault) => this.#count(cellOf(where, fault), impossible(where, fault))),
        ),
      ),
      ...PARTS.map((part) =>
        line(
          `in ${part}`,
          FAULT_KINDS.map((fault) => this.#count(partCellOf(part, fault), impossibleIn(part, fault))),
        ),
      ),
    ];
  }

  /** Cells below the wanted count that could have been hit, the thinnest first. */
  missing(wanted: number): readonly string[] {
    return CELLS.map(cellName)
      .map((name) => ({ name, count: this.#hits.get(name) ?? 0 }))
      .filter(({ count }) => count < wanted)
      .sort((a, b) => a.count - b.count)
      .map(({ name, count }) => `${name}: ${count}`);
  }

  #count(name: string, whyNot: string | undefined): string {
    return String(this.#hits.get(name) ?? (whyNot === undefined ? 0 : '-'));
  }
}

function wheres(): readonly Where[] {
  return WORK_KINDS.flatMap((kind) => MOMENTS.map((moment) => ({ kind, moment }))).filter((where) =>
    FAULT_KINDS.some((fault) => impossible(where, fault) === undefined),
  );
}
