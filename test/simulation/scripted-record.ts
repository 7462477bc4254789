// The server's own record: one row per run, locks on scopes, markers.

import { databasesOf, type Markers, type RunRegistry, type Scope, type ScopeLock } from '../../src/engines/index.ts';
import { Fault } from '../../src/kernel/index.ts';
import { serverTime, type Link } from './scripted-engine.ts';

export async function scopeLockOf(link: Link, scope: Scope, holder: string, signal: AbortSignal): Promise<ScopeLock> {
  const connection = await link.open('scope lock', signal);
  const names = databasesOf(scope).map((database) => `scope ${database}`);
  const { session } = connection;
  await connection.query(
    {
      label: 'GET_LOCK',
      apply: ({ sessions }) => {
        const others = [...sessions.values()].filter((other) => other !== session);
        const taken = names.find((name) => others.some((other) => other.names.has(name)));
        if (taken !== undefined) throw new Fault('SCOPE_BUSY', `${holder} has to wait: ${taken} is taken`);
        for (const name of names) session.names.add(name);
      },
    },
    signal,
  );
  return {
    assertHeld: async () => {
      const isHeld = await link.ask({
        label: 'IS_USED_LOCK',
        apply: ({ sessions }) => sessions.get(session.id) === session && names.every((name) => session.names.has(name)),
      });
      if (!isHeld) throw new Fault('SCOPE_BUSY', 'the lock was lost');
    },
    release: () => connection.close(),
  };
}

export function registryOf(link: Link): RunRegistry {
  return {
    open: async (row, signal) => {
      await link.ask(
        {
          label: 'register the run',
          apply: ({ catalog }) => {
            catalog.isThere = true;
            const before = catalog.runs.get(row.run);
            const openedAt = before?.openedAt ?? serverTime(link.world);
            catalog.runs.set(row.run, { snapshots: before?.snapshots ?? [], ...row, state: 'open', openedAt });
          },
        },
        signal,
      );
      link.world.claimed();
    },
    addSnapshot: (run, name, signal) =>
      link.ask(
        {
          label: 'register the snapshot',
          apply: ({ catalog }) => {
            const row = catalog.runs.get(run);
            if (row === undefined) throw new Fault('RUN_UNKNOWN', `no record of ${run}`);
            if (!row.snapshots.includes(name)) catalog.runs.set(run, { ...row, snapshots: [...row.snapshots, name] });
          },
        },
        signal,
      ),
    setState: (run, state, signal) =>
      link.ask(
        {
          label: `the run is ${state}`,
          apply: ({ catalog }) => {
            const row = catalog.runs.get(run);
            if (row === undefined) throw new Fault('RUN_UNKNOWN', `no record of ${run}`);
            catalog.runs.set(run, { ...row, state });
          },
        },
        signal,
      ),
    // Only looked at, where a process begins: as a call it would have the faults that those before and after it have.
    list: () => Promise.resolve([...link.world.server.catalog.runs.values()]),
  };
}

export function markersOf(link: Link): Markers {
  const { mutants } = link.world;
  return {
    prepare: (signal) => link.ask({ label: 'prepare markers', apply: () => undefined }, signal),
    claim: (session, run, action, signal) => {
      const key = `${run} ${action}`;
      return link.connectionOf(session).query<'claimed' | 'already-there'>(
        {
          label: `marker of ${action}`,
          locks: [`marker ${key}`],
          apply: ({ catalog }, { undo }) => {
            if (mutants.has('no marker is written')) return 'claimed';
            if (catalog.markers.has(key)) return 'already-there';
            catalog.markers.add(key);
            undo?.push(() => catalog.markers.delete(key));
            return 'claimed';
          },
        },
        signal,
      );
    },
    clear: (run, signal) =>
      link.ask(
        {
          label: 'clear markers',
          apply: ({ catalog }) => {
            for (const key of [...catalog.markers]) if (key.startsWith(`${run} `)) catalog.markers.delete(key);
          },
        },
        signal,
      ),
  };
}
