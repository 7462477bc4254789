// Puts one database back, again and again, from a native snapshot of it: tables whose rows changed by themselves,
// all of it where a definition did.

import { Fault } from '../../../kernel/index.ts';
import type { Engine } from '../../port.ts';
import type { ResetEvidence, ResetRequest, Resets, Resetting } from '../../reset-port.ts';
import type { Connector } from '../../wire/connector.ts';
import { quoteName } from '../../wire/quote.ts';
import { extentOf } from '../extent.ts';
import { foreignKeys, keysOfObjects } from '../native-snapshots/foreign-keys.ts';
import { databasesThere, describe, type DescribedObject } from '../objects.ts';
import { withSession } from '../session.ts';
import { cloneDatabase } from './clone.ts';
import { contentsOf, definitionMark } from './marks.ts';

export interface MatrixoneResetServer {
  readonly connector: Connector;
  readonly engine: Pick<Engine, 'writers'>;
}

/** The snapshot itself is the copy. A database by the copy's name says that a restore of all of it is under way. */
export function matrixoneResets(server: MatrixoneResetServer): Resets {
  const { connector } = server;
  const opened = async (request: ResetRequest, signal: AbortSignal): Promise<Resetting> => {
    const resetting = new MatrixoneResetting(server, request);
    await resetting.begin(signal);
    return resetting;
  };
  return {
    keepsAutoIncrement: false,
    take: async (request, signal) => {
      await noteFinished(connector, request, signal);
      return opened(request, signal);
    },
    reuse: async (request, signal) => {
      await request.restoreAll(signal);
      await noteFinished(connector, request, signal);
      return opened(request, signal);
    },
    hasCopy: () => Promise.resolve(true),
    isUnfinished: (copyDatabase, signal) =>
      withSession(connector, { purpose: 'baseline state', writes: false }, signal, async (session) =>
        (await databasesThere(session, undefined, signal)).includes(copyDatabase),
      ),
    clone: (request, signal) => cloneDatabase(connector, request, signal),
    read: (database, signal) =>
      withSession(connector, { purpose: 'content', writes: false }, signal, async (session) => {
        const { objects } = await describe(session, extentOfDatabase(database), undefined, signal);
        const contents = await contentsOf(session, objects, signal);
        return {
          definitions: objects.map(({ kind, name, definition }) => `${kind} ${name}\n${definition}`).join('\n\n'),
          rows: [...contents]
            .map(([name, content]) => `${name} ${content}`)
            .sort()
            .join('\n'),
        };
      }),
  };
}

function extentOfDatabase(database: string) {
  return extentOf({ kind: 'databases', databases: [database] });
}

async function noteFinished(connector: Connector, { copyDatabase }: ResetRequest, signal: AbortSignal) {
  await withSession(connector, { purpose: 'baseline state', writes: true }, signal, (session) =>
    session.query(`DROP DATABASE IF EXISTS ${quoteName(copyDatabase)}`, { signal }),
  );
}

interface Known {
  readonly mark: string;
  readonly objects: readonly DescribedObject[];
  readonly contents: ReadonlyMap<string, string>;
  /** The tables with a foreign key on it, by the name of a table. */
  readonly children: ReadonlyMap<string, readonly string[]>;
}

class MatrixoneResetting implements Resetting {
  readonly #server: MatrixoneResetServer;
  readonly #request: ResetRequest;
  #known: Known | undefined;

  constructor(server: MatrixoneResetServer, request: ResetRequest) {
    this.#server = server;
    this.#request = request;
  }

  async begin(signal: AbortSignal): Promise<void> {
    const { database } = this.#request;
    this.#known = await withSession(this.#server.connector, READING, signal, async (session) => {
      const mark = await definitionMark(session, database, signal);
      const { objects } = await describe(session, extentOfDatabase(database), undefined, signal);
      const keys = [...(await foreignKeys(session, undefined, signal)), ...keysOfObjects(objects)];
      const children = new Map<string, readonly string[]>();
      for (const { child, parent } of keys) {
        if (child.database !== database || parent.database !== database) continue;
        children.set(parent.table, [...(children.get(parent.table) ?? []), child.table]);
      }
      return { mark, objects, children, contents: await contentsOf(session, objects, signal) };
    });
  }

  async reset(assertHeld: () => Promise<void>, signal: AbortSignal): Promise<ResetEvidence> {
    await assertHeld();
    await this.#refuseOpenTransactions(signal);
    const known = this.#known;
    const changed = known === undefined ? undefined : await this.#changedTables(known, signal);
    if (known === undefined || changed === undefined) return this.#restore(undefined, signal);
    if (changed.length === 0) return { kind: 'untouched', tables: [] };
    return this.#restore(withChildren(changed, known.children), signal);
  }

  /** Undefined where a definition is another one. */
  async #changedTables(known: Known, signal: AbortSignal): Promise<readonly string[] | undefined> {
    return withSession(this.#server.connector, READING, signal, async (session) => {
      if ((await definitionMark(session, this.#request.database, signal)) !== known.mark) return undefined;
      const contents = await contentsOf(session, known.objects, signal);
      return [...known.contents].filter(([name, content]) => contents.get(name) !== content).map(([name]) => name);
    });
  }

  async #restore(tables: readonly string[] | undefined, signal: AbortSignal): Promise<ResetEvidence> {
    const { copyDatabase, restoreAll } = this.#request;
    const { connector } = this.#server;
    // Nothing is known until it has succeeded: a reset after one that failed restores all of it.
    this.#known = undefined;
    await withSession(connector, { purpose: 'baseline state', writes: true }, signal, (session) =>
      session.query(`CREATE DATABASE IF NOT EXISTS ${quoteName(copyDatabase)}`, { signal }),
    );
    const isPart = tables !== undefined && (await this.#restorePart(tables, signal));
    const evidence = isPart ? undefined : await restoreAll(signal);
    await noteFinished(connector, this.#request, signal);
    await this.begin(signal);
    return isPart ? { kind: 'rows', tables } : { kind: 'restored', tables: evidence?.restored ?? [] };
  }

  /** False where the server can only put all of it back: foreign keys may lead in a circle. */
  async #restorePart(names: readonly string[], signal: AbortSignal): Promise<boolean> {
    const { database, restoreAll } = this.#request;
    try {
      await restoreAll(
        signal,
        names.map((table) => ({ database, table })),
      );
      return true;
    } catch (error) {
      if (error instanceof Fault && error.code === 'SNAPSHOT_REFUSED') return false;
      throw error;
    }
  }

  async #refuseOpenTransactions(signal: AbortSignal): Promise<void> {
    const { database } = this.#request;
    const scope = { kind: 'databases', databases: [database] } as const;
    const { busy } = await this.#server.engine.writers(
      { scope, spare: this.#server.connector.openConnectionIds(), except: [] },
      signal,
    );
    if (busy.length === 0) return;
    const labels = busy.map(({ label }) => label).join('; ');
    throw new Fault('NOT_QUIET', `a transaction that wrote is still open on ${database}: ${labels}`, {
      hint: 'End it (COMMIT, ROLLBACK, or close the connection) before the reset: what it writes comes later.',
    });
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

const READING = { purpose: 'reset', writes: false };

/** A parent comes back together with what points at it: the server does nothing otherwise. */
function withChildren(tables: readonly string[], children: Known['children']): readonly string[] {
  const all = new Set(tables);
  for (const table of all) for (const child of children.get(table) ?? []) all.add(child);
  return [...all].sort();
}
