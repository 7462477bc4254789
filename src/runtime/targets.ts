// The servers of a run: opened once, checked against the journal, locked, and entered into the server's own record
// before
// the first effect.

import { type Engine, type SessionIdentity } from '../engines/index.ts';
import { Fault, invariant } from '../kernel/index.ts';
import type { ServerFacts } from '../journal/index.ts';
import type { Plan, Target } from '../plan/index.ts';
import { assertScopeAllowed, assertTargetAllowed } from './guards.ts';
import type { OpenTarget, RunPorts } from './ports.ts';
import { scopeOfPlan } from './resolve-scope.ts';
import { assertNotTakenOver } from './taken-over.ts';

export interface Targets {
  readonly get: (name: string) => OpenTarget;
  readonly all: readonly OpenTarget[];
  /** For actions of ours that concern them all. */
  readonly first: OpenTarget;
  readonly close: () => Promise<void>;
}

/** Whether a server's record may say that this run is open, as far as anybody here knows. */
export interface Entry {
  mayStand: boolean;
}

/**
 * @throws {Fault} SERVER_UNREACHABLE, LOGIN_REFUSED, UNKNOWN_DATABASE, SCOPE_BUSY, SERVER_CHANGED, RUN_NOT_OPEN: before
 * any effect.
 */
export async function openTargets(
  plan: Plan,
  ports: RunPorts,
  /** Ends what earlier processes of this run left behind; runs between meeting the servers and taking the locks. */
  becomeQuiet: (targets: readonly OpenTarget[]) => Promise<void>,
  entry: Entry,
  signal: AbortSignal,
): Promise<Targets> {
  const { mayStand: wasEntered } = entry;
  const open: OpenTarget[] = [];
  const close = async (): Promise<void> => {
    for (const { lock, engine } of open) {
      await lock?.release();
      await engine.close();
    }
  };
  try {
    for (const target of plan.targets.values()) {
      const engine = await openOne(target, ports, signal);
      open.push({ name: target.name, engine, lock: undefined });
      assertTargetAllowed(plan, target.name, engine);
      await meet(target.name, engine, ports, signal);
      // Before what somebody else may have at work is ended as if it were ours; and again under the lock.
      if (wasEntered) await assertNotTakenOver(ports.run, ports.history(), engine, signal);
    }
    await becomeQuiet(open);
    for (const [index, { name, engine }] of open.entries()) {
      open[index] = { name, engine, lock: await claim(plan, name, engine, { ports, entry, signal }) };
    }
  } catch (problem) {
    if (!ports.history().hasIntents && !wasEntered && !isUnknown(problem)) await withdraw(open, entry, ports);
    await close();
    throw problem;
  }
  const [first] = open;
  invariant(first !== undefined, 'a plan has at least one target');
  return { get: (name) => targetNamed(open, name), all: open, first, close };
}

/** Whatever was sent last may still be applied: the run stays open, and its next process makes it quiet first. */
function isUnknown(problem: unknown): boolean {
  return problem instanceof Fault && problem.code === 'CONNECTION_LOST';
}

/** A run that could not be begun on every target keeps nobody out on those that it had entered. */
async function withdraw(open: readonly OpenTarget[], entry: Entry, { run }: RunPorts): Promise<void> {
  if (!entry.mayStand) return;
  const { signal } = new AbortController();
  try {
    for (const { engine } of open) {
      const rows = await engine.runs.list(signal);
      if (rows.some((row) => row.run === run)) await engine.runs.setState(run, 'failed-clean', signal);
    }
    entry.mayStand = false;
  } catch (problem) {
    if (!(problem instanceof Fault)) throw problem; // Then the run stays open, and why it did is told already.
  }
}

function targetNamed(open: readonly OpenTarget[], name: string): OpenTarget {
  const target = open.find((one) => one.name === name);
  if (target === undefined) throw new Fault('GUARD_REFUSED', `the plan has no target called ${name}`);
  return target;
}

function openOne(target: Target, ports: RunPorts, signal: AbortSignal): Promise<Engine> {
  const onSessionOpened = (identity: SessionIdentity, purpose: string): Promise<void> =>
    ports.append({
      kind: 'session-opened',
      purpose,
      session: {
        target: target.name,
        connection_id: identity.connectionId,
        server_started_at: identity.serverStartedAt,
        user: identity.user,
      },
    });
  return ports.openEngine(target.url, { onSessionOpened, run: ports.run }, signal);
}

/** Refuses another server than the one on which the run began. A new version is a note: upgrading it is a prime use. */
async function meet(name: string, engine: Engine, ports: RunPorts, signal: AbortSignal): Promise<void> {
  const identity = await engine.identity(signal);
  const server: ServerFacts = {
    label: engine.label,
    host: identity.host,
    port: identity.port,
    server_uuid: identity.serverUuid,
    catalog_id: identity.catalogId,
    version: engine.version,
    database: engine.address.database,
  };
  const known = ports.history().servers.get(name);
  if (known !== undefined) {
    const other = differing(known, server) ?? withoutCatalog(known, server, engine);
    if (other !== undefined)
      throw new Fault('SERVER_CHANGED', `target ${name} is another server than when the run began: ${other}`);
    if (known.version !== server.version) {
      await ports.append({
        kind: 'note',
        text: `${known.label} was ${known.version} when the run began, it is ${server.version} now`,
      });
    }
  }
  await ports.append({ kind: 'server-met', target: name, server });
}

function differing(known: ServerFacts, now: ServerFacts): string | undefined {
  const facts = ['server_uuid', 'catalog_id'] as const;
  const fact = facts.find((key) => known[key] !== undefined && now[key] !== undefined && known[key] !== now[key]);
  if (fact !== undefined) return `${fact.replace('_', ' ')} was ${known[fact] ?? ''} and is ${now[fact] ?? ''}`;
  if (known.server_uuid !== undefined || known.catalog_id !== undefined) return undefined;
  if (known.host === now.host && known.port === now.port) return undefined;
  return `${known.host}:${known.port} then, ${now.host}:${now.port} now`;
}

/** Where no restore can take the catalog away, a server without it is not the one on which the run was entered. */
function withoutCatalog(known: ServerFacts, now: ServerFacts, { capabilities }: Engine): string | undefined {
  const isKept = capabilities.snapshotScopeMax === 'database';
  if (!isKept || known.catalog_id === undefined || now.catalog_id !== undefined) return undefined;
  return 'it has no record of snapback, or this login may not read it';
}

async function claim(
  plan: Plan,
  name: string,
  engine: Engine,
  { ports, entry, signal }: { readonly ports: RunPorts; readonly entry: Entry; readonly signal: AbortSignal },
) {
  const scope = await scopeOfPlan(plan, name, engine, signal);
  if (scope === undefined) return undefined;
  assertScopeAllowed(plan, scope);
  if (ports.history().settled.size === 0) await engine.checkScope(scope, signal);
  const lock = await engine.lockScope(scope, ports.holder, signal);
  try {
    if (entry.mayStand) await assertNotTakenOver(ports.run, ports.history(), engine, signal);
    entry.mayStand = true;
    await engine.runs.open({ run: ports.run, planName: plan.name, scope, holder: ports.holder }, signal);
    await rememberCatalog(name, engine, ports, signal);
  } catch (problem) {
    await lock.release();
    throw problem;
  }
  return lock;
}

/** The catalog may have been created just now: from here on its id is part of who the server is. */
async function rememberCatalog(name: string, engine: Engine, ports: RunPorts, signal: AbortSignal): Promise<void> {
  const known = ports.history().servers.get(name);
  const { catalogId } = await engine.identity(signal);
  if (known === undefined || catalogId === undefined || known.catalog_id === catalogId) return;
  await ports.append({ kind: 'server-met', target: name, server: { ...known, catalog_id: catalogId } });
}
