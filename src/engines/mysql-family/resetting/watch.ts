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
import { isSameServer, isStill, readMarks, type Marks } from './marks.ts';
import { readRowCounters, readTableIds, readTableStates, type TableState } from './table-states.ts';

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

export class Watch {
  readonly #deps: WatchDeps;
  readonly #seen = new Map<string, Seen>();
  #marks: Marks | undefined;
  #counters: ReadonlyMap<string, string> | undefined;
  #ids: ReadonlyMap<string, string> = new Map();
  /** As they were when last looked at; trusted when that has been put back. */
  #idsNow: ReadonlyMap<string, string> | undefined;

  constructor(deps: WatchDeps) {
    this.#deps = deps;
  }

  /** Trusts what is there now, of all tables or of those that were just put back. */
  async arm(only: readonly string[] | undefined, signal: AbortSignal): Promise<void> {
    const { server, session, inventory } = this.#deps;
    // Before the states: what is written in between moves a counter again.
    this.#marks = await readMarks(session, server, signal);
    const { isCounting } = this.#marks;
    this.#counters = isCounting ? await readRowCounters(server, session, inventory.database, signal) : undefined;
    if (only === undefined) this.#seen.clear();
    if (only === undefined && server.flavour === 'mysql') {
      this.#idsNow = await readTableIds(session, inventory.database, signal);
    }
    this.#ids = this.#idsNow ?? this.#ids;
    for (const name of only ?? []) this.#seen.delete(name);
    // Asking for times costs more than counting; with counters at hand, times are for the day on which those fail.
    if (this.#counters !== undefined && only !== undefined) return;
    const second = Number(this.#marks.second);
    for (const [name, state] of await readTableStates(session, inventory.database, only, signal)) {
      this.#seen.set(name, { state, second });
    }
  }

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
    const counted = before?.tables === now.tables ? await this.#byCounters(before, now, signal) : undefined;
    return counted ?? this.#byTimes(before, now, signal);
  }

  async #byCounters(before: Marks, now: Marks, signal: AbortSignal): Promise<Touched | undefined> {
    const { server, session, inventory, isExact } = this.#deps;
    const counters = this.#counters;
    if (counters === undefined || !now.isCounting || !isSameServer(before, now)) return undefined;
    const live = await readRowCounters(server, session, inventory.database, signal);
    if (live === undefined) return undefined;
    const names = [...inventory.tables.keys()].filter((name) => counters.get(name) !== live.get(name));
    const counted = names.filter((name) => inventory.tables.get(name)?.table.autoIncrement !== null);
    const states = isExact ? await readTableStates(session, inventory.database, counted, signal) : undefined;
    return this.#asTouched(names, (name) => states?.get(name));
  }

  async #byTimes(before: Marks | undefined, now: Marks, signal: AbortSignal): Promise<Touched> {
    const { server, session, inventory } = this.#deps;
    const states = await readTableStates(session, inventory.database, undefined, signal);
    const isSameSet = states.size === inventory.tables.size && [...states.keys()].every((n) => inventory.tables.has(n));
    if (!isSameSet) return { kind: 'definitions' };
    const isAnybodys = before === undefined || !isSameServer(before, now);
    const isEmptied = isAnybodys || before.emptied !== now.emptied;
    const hasPartitions = [...inventory.tables.values()].some(({ isPartitioned }) => isPartitioned);
    const all =
      isAnybodys || (isEmptied && hasPartitions) || (server.flavour === 'mysql' && before.renamed !== now.renamed);
    const isDefined = !isAnybodys && before.tables === now.tables;
    const isRenamed = await this.#renamedBy(before, now, signal);
    const verdicts = new Map(
      [...states].map(([name, state]): [string, Verdict] => {
        const isOther = !isDefined && (state.engine !== 'innodb' || isRenamed(name));
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

  /** Whether a table has got another one's name by ALTER TABLE, which MySQL tells by no time. */
  async #renamedBy(before: Marks | undefined, now: Marks, signal: AbortSignal): Promise<(name: string) => boolean> {
    const { server, session, inventory } = this.#deps;
    if (server.flavour !== 'mysql' || before?.altered === now.altered) return () => false;
    const [known, live] = [this.#ids, await readTableIds(session, inventory.database, signal)];
    this.#idsNow = live;
    return (name) => live.get(name) === undefined || live.get(name) !== known.get(name);
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
