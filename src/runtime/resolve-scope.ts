import { databasesOf, type Engine, type Scope } from '../engines/index.ts';
import { Fault, tableLabel, type TableRef } from '../kernel/index.ts';
import type { Plan, PlanScope, PlanTable } from '../plan/index.ts';

/** Fills in what a plan leaves to the target's URL: the database, the account. */
export function resolveScope(scope: PlanScope, engine: Engine): Scope {
  switch (scope.kind) {
    case 'url-database':
      return { kind: 'databases', databases: [urlDatabase(engine)] };
    case 'cluster':
      return scope;
    case 'account':
      return { kind: 'account', account: scope.account ?? accountOf(engine) };
    case 'databases':
      return { kind: 'databases', databases: [...new Set(scope.databases)].sort() };
    case 'tables':
      return { kind: 'tables', tables: uniqueTables(scope.tables.map((table) => resolveTable(table, engine))) };
  }
}

export function resolveTable(table: PlanTable, engine: Engine): TableRef {
  return { database: table.database ?? urlDatabase(engine), table: table.table };
}

function urlDatabase({ address }: Engine): string {
  if (address.database !== undefined) return address.database;
  throw new Fault(
    'GUARD_REFUSED',
    `no database is named: the URL of ${address.host}:${address.port} ends without one`,
    {
      hint: 'Write `mysql://user@host:port/DATABASE`, or name databases in the plan.',
    },
  );
}

/** `acc:user` and `acc#user` log in to account `acc`, anybody else to `sys`. */
function accountOf({ address }: Engine): string {
  return /^([^:#]+)[:#]/.exec(address.user)?.[1] ?? 'sys';
}

function uniqueTables(tables: readonly TableRef[]): readonly TableRef[] {
  const byLabel = new Map(tables.map((table) => [tableLabel(table), table]));
  return [...byLabel.keys()].sort().flatMap((label) => byLabel.get(label) ?? []);
}

/**
 * What a plan may touch on one target: the union of its snapshots' scopes, named snapshots that it restores included.
 * `undefined` when it takes and restores none there.
 */
export async function scopeOfPlan(
  plan: Plan,
  target: string,
  engine: Engine,
  signal: AbortSignal,
): Promise<Scope | undefined> {
  const scopes: Scope[] = [];
  for (const step of [...plan.steps, ...(plan.rollback ?? [])]) {
    if (step.target !== target) continue;
    if (step.kind === 'snapshot') scopes.push(resolveScope(step.scope, engine));
    // A new account is nobody's yet: the engine itself keeps others out of it.
    if (step.kind === 'restore' && step.snapshot.kind === 'named' && step.into === undefined) {
      const info = await engine.snapshots.find(step.snapshot.name, signal);
      if (info !== undefined) scopes.push(info.scope);
    }
  }
  return scopes.reduce<Scope | undefined>(union, undefined);
}

/** The smallest scope that covers both. Tables and databases together widen to databases. */
export function union(one: Scope | undefined, other: Scope): Scope {
  if (one === undefined) return other;
  const widest =
    [one, other].find(({ kind }) => kind === 'cluster') ?? [one, other].find(({ kind }) => kind === 'account');
  if (widest !== undefined) return widest;
  if (one.kind === 'tables' && other.kind === 'tables') {
    return { kind: 'tables', tables: uniqueTables([...one.tables, ...other.tables]) };
  }
  return { kind: 'databases', databases: [...new Set([...databasesOf(one), ...databasesOf(other)])].sort() };
}
