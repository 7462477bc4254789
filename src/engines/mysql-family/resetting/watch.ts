// What was touched since the last look. A table that was changed is always named; now and then one that was not.
//
// How each kind of change is seen:
//   any write on the server          the counters in marks.ts stand still only when there was none
//   rows, on MySQL                   performance_schema counts each write of a row, those of cascades too
//   rows, elsewhere                  update_time, or AUTO_INCREMENT for what was rolled back
//   rows, in the second of the look  `>=`: a time of the same second says nothing
//   TRUNCATE, which moves no time    its counter, then a look for tables that hold nothing
//   a partition emptied or swapped   the counter of ALTER TABLE, then every table of a partitioned schema
//   names that were swapped          the counter of RENAME TABLE, then every table; after an ALTER TABLE, which may
//                                    rename too and on MySQL moves no time, the ids of tables
//   definitions                      create_time, and counters for everything that is no table
//   all of these, other engines      the counters of commands, then a look: MyISAM keeps its times, Aria writes late

import type { Session } from '../../port.ts';
import type { FamilyServer } from '../copying-snapshots/session-pins.ts';
import { hasSamePrograms, hasSameTables, tablesWithRows, type Inventory, type KnownTable } from './inventory.ts';
import { isSameServer, isStill, readMarks, withOwnWrites, type Marks } from './marks.ts';
import { readRowCounters, readSomeCounters, readTableIds, readTableStates, type TableState } from './table-states.ts';

export type Touched =
  | { readonly kind: 'nothing' }
  /** Definitions, or what rows alone do not bring back. */
  | { readonly kind: 'definitions' }
  | { readonly kind: 'rows'; readonly tables: readonly TouchedTable[] };

export interface TouchedTable extends KnownTable {
  /** Undefined where the server was not asked. */
  readonly state: TableState | undefined;
}

export interface WatchDeps {
  readonly server: FamilyServer;
  readonly session: Session;
  readonly inventory: Inventory;
  readonly isExact: boolean;
}

/** A state is trusted from the second on in which it was read. */
interface Seen {
  readonly state: TableState;
  readonly second: number;
}

/** Aria's times are those of its files, and it writes these when it likes. */
const TIMED_ENGINES: ReadonlySet<string> = new Set(['innodb', 'myisam']);

/** What the last look found, to be trusted when what it named has been put back. */
interface Found {
  readonly marks: Marks;
  readonly counters: ReadonlyMap<string, string> | undefined;
  readonly ids: ReadonlyMap<string, string> | undefined;
}

export class Watch {
  readonly #deps: WatchDeps;
  readonly #seen = new Map<string, Seen>();
  #second = 0;
  #marks: Marks | undefined;
  #counters: ReadonlyMap<string, string> | undefined;
  #ids: ReadonlyMap<string, string> = new Map();
  #found: Found | undefined;

  constructor(deps: WatchDeps) {
    this.#deps = deps;
  }

  /** Trusts all that is there now. */
  async begin(signal: AbortSignal): Promise<void> {
    const { server, session, inventory } = this.#deps;
    // Before the states: what is written in between moves a counter again.
    this.#marks = await readMarks(session, server, signal);
    this.#counters = await this.#readCounters(this.#marks, signal);
    if (server.flavour === 'mysql') this.#ids = await readTableIds(session, inventory.database, signal);
    await this.#see(undefined, signal);
  }

  /**
   * Trusts what the last look found right, and these tables, which it named and which have been put back since; with
   * `wroteRows`, by nothing but writing rows.
   */
  async trust(names: readonly string[], { wroteRows }: { readonly wroteRows: boolean }, signal: AbortSignal) {
    const { server, session, inventory } = this.#deps;
    const found = this.#found;
    if (found === undefined) return;
    this.#found = undefined;
    this.#ids = found.ids ?? this.#ids;
    this.#counters = found.counters;
    this.#marks = found.marks;
    if (names.length === 0 && wroteRows) return;
    this.#marks = wroteRows ? withOwnWrites(found.marks) : await readMarks(session, server, signal);
    for (const name of names) this.#seen.delete(name);
    // Asking for times costs more than counting; with counters at hand, times are for the day on which those fail.
    if (found.counters === undefined) return this.#see(names, signal);
    const live = await readSomeCounters(session, inventory.database, names, signal);
    const others = [...found.counters].filter(([name]) => !names.includes(name));
    this.#counters = new Map([...others, ...live]);
  }

  async #see(only: readonly string[] | undefined, signal: AbortSignal): Promise<void> {
    const { session, inventory } = this.#deps;
    const { second, byName } = await readTableStates(session, inventory.database, only, signal);
    this.#second = Math.max(this.#second, second);
    for (const [name, state] of byName) this.#seen.set(name, { state, second });
  }

  /** Before any table is looked at, `onWrites` is called, unless nothing was written. */
  async touched(onWrites: () => Promise<void>, signal: AbortSignal): Promise<Touched> {
    const { server, session, inventory } = this.#deps;
    const [before, now] = [this.#marks, await readMarks(session, server, signal)];
    if (before !== undefined && isStill(before, now)) return { kind: 'nothing' };
    await onWrites();
    if (before === undefined || before.programs !== now.programs || !isSameServer(before, now)) {
      if (!(await hasSamePrograms(session, inventory, signal))) return { kind: 'definitions' };
    } else if (before.tables !== now.tables && hasSequences(inventory)) {
      // To ALTER TABLE a sequence is a table.
      if (!(await hasSamePrograms(session, inventory, signal))) return { kind: 'definitions' };
    }
    const counters = await this.#readCounters(now, signal);
    this.#found = { marks: now, counters, ids: await this.#idsAfter(before, now, signal) };
    const isDefined = before?.tables === now.tables && isSameServer(before, now);
    if (isDefined && counters !== undefined && this.#counters !== undefined) {
      return this.#byCounters(this.#counters, counters, signal);
    }
    return this.#byTimes(before, now, signal);
  }

  async #readCounters({ isCounting }: Marks, signal: AbortSignal): Promise<ReadonlyMap<string, string> | undefined> {
    const { server, session, inventory } = this.#deps;
    return isCounting ? readRowCounters(server, session, inventory.database, signal) : undefined;
  }

  async #byCounters(
    before: ReadonlyMap<string, string>,
    now: ReadonlyMap<string, string>,
    signal: AbortSignal,
  ): Promise<Touched> {
    const { session, inventory, isExact } = this.#deps;
    const names = [...inventory.tables.keys()].filter((name) => before.get(name) !== now.get(name));
    const counted = names.filter((name) => inventory.tables.get(name)?.table.autoIncrement !== null);
    if (!isExact) return this.#asTouched(names, () => undefined);
    const { byName } = await readTableStates(session, inventory.database, counted, signal);
    return this.#asTouched(names, (name) => byName.get(name));
  }

  async #byTimes(before: Marks | undefined, now: Marks, signal: AbortSignal): Promise<Touched> {
    const { server, session, inventory } = this.#deps;
    const { second, byName: states } = await readTableStates(session, inventory.database, undefined, signal);
    const isSameSet = states.size === inventory.tables.size && [...states.keys()].every((n) => inventory.tables.has(n));
    if (!isSameSet) return { kind: 'definitions' };
    // On a clock that was put back, times come again.
    const isAnybodys = before === undefined || !isSameServer(before, now) || second < this.#second;
    const isEmptied = isAnybodys || before.emptied !== now.emptied;
    const hasPartitions = [...inventory.tables.values()].some(({ isPartitioned }) => isPartitioned);
    const all =
      isAnybodys || (isEmptied && hasPartitions) || (server.flavour === 'mysql' && before.renamed !== now.renamed);
    const isDefined = !isAnybodys && before.tables === now.tables;
    const verdicts = new Map(
      [...states].map(([name, state]): [string, Verdict] => {
        const isOther = !isDefined && (state.engine !== 'innodb' || this.#isRenamed(name));
        return [name, isOther ? 'made-again' : this.#verdict(name, state)];
      }),
    );
    const named = (wanted: Verdict): string[] =>
      [...verdicts].filter(([, verdict]) => verdict === wanted).map(([name]) => name);
    // A put-back counter makes a table new to the server: the counters of commands tell that from a definition.
    const redefined = isDefined ? [] : all ? [...states.keys()] : named('made-again');
    if (!(await hasSameTables(session, inventory, redefined, signal))) return { kind: 'definitions' };
    const asked = named('no-time').concat(isEmptied ? named('right').filter((name) => this.#hasRows(name)) : []);
    const wrong = all ? [] : await this.#wrongBySize(asked, signal);
    const touched = all ? [...states.keys()] : [...named('made-again'), ...named('touched'), ...wrong];
    return this.#asTouched(touched, (name) => states.get(name));
  }

  async #idsAfter(before: Marks | undefined, now: Marks, signal: AbortSignal) {
    const { server, session, inventory } = this.#deps;
    if (server.flavour !== 'mysql' || before?.altered === now.altered) return undefined;
    return readTableIds(session, inventory.database, signal);
  }

  /** Whether a table may have got another one's name by ALTER TABLE, which MySQL tells by no time. */
  #isRenamed(name: string): boolean {
    const live = this.#found?.ids;
    return live !== undefined && (live.get(name) === undefined || live.get(name) !== this.#ids.get(name));
  }

  #verdict(name: string, state: TableState): Verdict {
    const seen = this.#seen.get(name);
    const { created, updated, engine, autoIncrement } = state;
    if (seen === undefined || created !== seen.state.created || (created ?? 0) >= seen.second) return 'made-again';
    if (engine !== seen.state.engine || !TIMED_ENGINES.has(engine)) return 'made-again';
    if (updated !== seen.state.updated || (updated ?? 0) >= seen.second) return 'touched';
    if (this.#deps.isExact && autoIncrement !== seen.state.autoIncrement) return 'touched';
    if (updated !== null) return 'right';
    // The server forgets the time of a table that it puts away: only an empty one can be told by a look.
    return this.#hasRows(name) ? 'touched' : 'no-time';
  }

  #hasRows(name: string): boolean {
    return this.#deps.inventory.tables.get(name)?.hasRows === true;
  }

  /** Those that hold rows now and did not, or the other way round. */
  async #wrongBySize(names: readonly string[], signal: AbortSignal): Promise<readonly string[]> {
    const { session, inventory } = this.#deps;
    const tables = names.flatMap((name) => inventory.tables.get(name)?.table ?? []);
    const filled = await tablesWithRows(session, inventory.database, tables, signal);
    return names.filter((name) => filled.has(name) !== this.#hasRows(name));
  }

  #asTouched(names: readonly string[], stateOf: (name: string) => TableState | undefined): Touched {
    const { inventory } = this.#deps;
    const tables = names.flatMap((name) => {
      const known = inventory.tables.get(name);
      return known === undefined ? [] : [{ ...known, state: stateOf(name) }];
    });
    // History cannot be written row by row.
    if (tables.some(({ table }) => table.isVersioned)) return { kind: 'definitions' };
    return { kind: 'rows', tables };
  }
}

function hasSequences({ objects }: Inventory): boolean {
  return objects.some(({ kind }) => kind === 'sequence');
}

type Verdict = 'right' | 'no-time' | 'touched' | 'made-again';
