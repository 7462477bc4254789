// Snapshots as copies inside the server, table by table, under a catalog that knows how far each one is.

import {
  type Effect,
  type ScopePart,
  type SnapshotInfo,
  type SnapshotSpec,
  type SnapshotStore,
} from '../../src/engines/index.ts';
import { Fault, tableLabel, type ObjectDifference, type ProofEvidence } from '../../src/kernel/index.ts';
import type { Connection } from './connection.ts';
import type { MemoryServer, Operation } from './memory-server.ts';
import { serverTime, type Link } from './scripted-engine.ts';
import { fingerprintOf } from './scripted-reader.ts';
import { coveredBy, type StoredSnapshot } from './server-catalog.ts';

export function snapshotsOf(link: Link): SnapshotStore {
  const { mutants } = link.world;
  const told = (snapshot: StoredSnapshot): SnapshotInfo => {
    const isHalf = snapshot.state === 'copying' || snapshot.state === 'dropping';
    if (isHalf && !mutants.has('a half-made snapshot is taken for a whole one'))
      return { ...snapshot.info, state: 'partial' };
    return { ...snapshot.info, state: snapshot.state === 'restoring' ? 'restoring' : 'ready' };
  };
  return {
    create: (spec, effect) => create(link, spec, effect),
    find: (name, signal) =>
      link.ask(
        {
          label: `find ${name}`,
          apply: ({ catalog }) => {
            const found = catalog.find(name);
            return found === undefined ? undefined : told(found);
          },
        },
        signal,
      ),
    list: (signal) => link.ask({ label: 'list', apply: ({ catalog }) => catalog.snapshots.map(told) }, signal),
    compare: (name, part, { signal }) =>
      link.ask(
        { label: `compare ${name}`, apply: (server) => differencesIn(server, snapshotOf(server, name), part) },
        signal,
      ),
    restore: (name, part, effect) => restore(link, name, part, effect),
    prove: (name, part, effect) => prove(link, name, part, effect),
    imprint: (name, { signal }) =>
      link.ask({ label: `imprint ${name}`, apply: (server) => imprintOf(server, snapshotOf(server, name)) }, signal),
    drop: async (name, effect) => {
      if (mutants.has('snapshots are never dropped')) return;
      await effect.assertLocked();
      for (;;) {
        const left = await link.ask(
          { label: `drop a table of ${name}`, apply: (server) => dropOne(server, name) },
          effect.signal,
        );
        if (!left) return;
      }
    },
  };
}

async function create(link: Link, spec: SnapshotSpec, effect: Effect): Promise<SnapshotInfo> {
  const covers = coveredBy(spec.scope);
  const made = await link.ask(
    { label: `begin ${spec.name}`, apply: (server) => begin(server, spec, effect, link) },
    effect.signal,
  );
  const connection = await link.open('copying', effect.signal);
  try {
    const names = await connection.query(lockTables(link, covers), effect.signal);
    for (const name of names) {
      await effect.assertLocked();
      await connection.query(
        { label: `copy table ${name}`, apply: (server) => copy(server, made, name) },
        effect.signal,
      );
    }
    return await connection.query(
      { label: `${spec.name} is ready`, apply: (server) => ready(server, made, link) },
      effect.signal,
    );
  } catch (problem) {
    if (problem instanceof Fault && (problem.code === 'LOCK_WAIT' || problem.code === 'DEADLOCK')) {
      await link.ask({ label: `forget ${spec.name}`, apply: ({ catalog }) => catalog.remove(made) });
    }
    throw problem;
  } finally {
    await connection.close();
  }
}

function begin({ catalog }: MemoryServer, spec: SnapshotSpec, effect: Effect, { world }: Link): StoredSnapshot {
  const there = catalog.find(spec.name);
  if (there !== undefined && !spec.replace) throw new Fault('SNAPSHOT_EXISTS', `${spec.name} is there`);
  if (there?.state === 'copying' || there?.state === 'dropping') catalog.remove(there);
  const { name, scope } = spec;
  const made: StoredSnapshot = {
    info: {
      name,
      scope,
      state: 'partial',
      run: effect.run,
      takenAt: serverTime(world),
      tableCount: undefined,
      rowCount: undefined,
      byteCount: undefined,
      declared: [],
    },
    state: 'copying',
    covers: coveredBy(scope),
    tables: new Map(),
  };
  catalog.snapshots.push(made);
  return made;
}

function copy({ tables }: MemoryServer, made: StoredSnapshot, name: string): void {
  const table = tables.get(name);
  if (table !== undefined) made.tables.set(name, table);
}

function ready({ catalog }: MemoryServer, made: StoredSnapshot, { world }: Link): SnapshotInfo {
  for (const other of [...catalog.snapshots]) {
    if (other !== made && other.info.name === made.info.name) catalog.remove(other);
  }
  made.state = 'ready';
  made.info = { ...made.info, takenAt: serverTime(world), tableCount: made.tables.size };
  return { ...made.info, state: 'ready' };
}

async function restore(link: Link, name: SnapshotInfo['name'], part: ScopePart | undefined, effect: Effect) {
  const { mutants } = link.world;
  await effect.assertLocked();
  const stored = await link.ask(
    {
      label: `restore from ${name}`,
      apply: (server) => {
        const snapshot = snapshotOf(server, name);
        const isHalf = snapshot.state === 'copying' || snapshot.state === 'dropping';
        if (isHalf && !mutants.has('a half-made snapshot is taken for a whole one'))
          throw new Fault('SNAPSHOT_MISSING', `${name} is not whole`);
        snapshot.state = 'restoring';
        return snapshot;
      },
    },
    effect.signal,
  );
  const restored: string[] = [];
  await locked(link, stored, effect, async (connection) => {
    const differing = await connection.query(
      { label: 'what differs', apply: (server) => differencesIn(server, stored, part) },
      effect.signal,
    );
    const made = mutants.has('the last table is not restored') ? differing.slice(0, -1) : differing;
    for (const { name: table } of made) {
      await effect.assertLocked();
      const locks = [`table ${table}`];
      await connection.query(
        {
          label: `restore table ${table}`,
          locks,
          apply: (server) => server.change(undefined, table, stored.tables.get(table)),
        },
        effect.signal,
      );
      restored.push(table);
    }
    await connection.query({ label: 'restored', apply: () => void (stored.state = 'ready') }, effect.signal);
  });
  return {
    kind: 'restore',
    snapshot: name,
    table_count: restored.length,
    restored,
    row_count: 0,
    removed: [],
    destroyed: [],
  } as const;
}

async function prove(link: Link, name: string, part: ScopePart | undefined, effect: Effect): Promise<ProofEvidence> {
  const { mutants } = link.world;
  const stored = await link.ask({ label: `prove ${name}`, apply: (server) => snapshotOf(server, name) }, effect.signal);
  let differences: readonly ObjectDifference[] = [];
  if (!mutants.has('a proof that does not look')) {
    await locked(link, stored, effect, async (connection) => {
      const operation = { label: 'compare', apply: (server: MemoryServer) => differencesIn(server, stored, part) };
      differences = await connection.query(operation, effect.signal);
    });
  }
  return {
    kind: 'proof',
    snapshot: name,
    is_equal: differences.length === 0,
    moment: 'under LOCK TABLES READ',
    tables: [],
    objects: {},
    differences,
    left_out: [],
  };
}

async function locked(
  link: Link,
  { covers, tables }: StoredSnapshot,
  effect: Effect,
  work: (connection: Connection) => Promise<void>,
): Promise<void> {
  const connection = await link.open('under lock', effect.signal);
  try {
    await connection.query(
      lockTables(link, (name) => covers(name) || tables.has(name)),
      effect.signal,
    );
    await work(connection);
  } finally {
    await connection.close();
  }
}

function lockTables({ world }: Link, covers: (table: string) => boolean): Operation<readonly string[]> {
  const names = [...world.server.tables.keys()].filter(covers).sort();
  return {
    label: `LOCK TABLES ${names.join(', ')}`,
    locks: names.map((name) => `table ${name}`),
    apply: (_, session) => {
      session.keepsLocks = true;
      return names;
    },
  };
}

function snapshotOf({ catalog }: MemoryServer, name: string): StoredSnapshot {
  const found = catalog.find(name);
  if (found === undefined) throw new Fault('SNAPSHOT_MISSING', `there is no snapshot ${name}`);
  return found;
}

function differencesIn(
  { tables }: MemoryServer,
  stored: StoredSnapshot,
  part: ScopePart | undefined,
): readonly ObjectDifference[] {
  const names = new Set([...stored.tables.keys(), ...[...tables.keys()].filter(stored.covers)]);
  return [...names].sort().flatMap((name): ObjectDifference[] => {
    if (!isIn(name, part)) return [];
    const [then, now] = [stored.tables.get(name), tables.get(name)];
    if (then === now) return [];
    if (then === undefined || now === undefined)
      return [{ object: 'table', name, what: then === undefined ? 'extra' : 'missing' }];
    return fingerprintOf(then) === fingerprintOf(now) ? [] : [{ object: 'table', name, what: 'rows' }];
  });
}

function imprintOf({ tables }: MemoryServer, { covers }: StoredSnapshot): Readonly<Record<string, string>> {
  const covered = [...tables].filter(([name]) => covers(name));
  return Object.fromEntries(covered.map(([name, table]) => [`table ${name}`, fingerprintOf(table)]));
}

function isIn(name: string, part: ScopePart | undefined): boolean {
  if (part === undefined) return true;
  const [database = '', table = ''] = name.split('.');
  if (part.databases?.includes(database) === true) return true;
  return part.tables?.some((one) => tableLabel(one) === `${database}.${table}`) === true;
}

/** @returns whether anything is left. */
function dropOne({ catalog }: MemoryServer, name: string): boolean {
  const found = catalog.find(name);
  if (found === undefined) return false;
  found.state = 'dropping';
  const [table] = found.tables.keys();
  if (table === undefined) catalog.remove(found);
  else found.tables.delete(table);
  return true;
}
