import { matchesPattern, type Diagnostic, type SourceSpan } from '../kernel/index.ts';
import type { NormalizedPlan } from './normalize-plan.ts';
import { listed } from './shape-messages.ts';
import { problem } from './source-text.ts';
import type { Check, PlanTable, RowExpectation, SnapshotStep, Step } from './types.ts';

/** The database of a target's URL; undefined where it has none, or is not known yet. */
export type UrlDatabase = (target: string) => string | undefined;

/** Whether what is compared and restored lies in a snapshot, as far as the names alone can tell. */
export function checkCoverage(plan: NormalizedPlan, urlDatabase: UrlDatabase): readonly Diagnostic[] {
  const found: Diagnostic[] = [];
  const walk = (steps: readonly Step[], before: readonly SnapshotStep[]): readonly SnapshotStep[] => {
    let taken = before;
    for (const step of steps) {
      found.push(...uncovered(step, taken, urlDatabase));
      if (step.kind === 'snapshot') taken = [...taken, step];
      walk(step.undo, taken);
    }
    return taken;
  };
  const afterSteps = walk(plan.steps, []);
  walk(plan.finally, walk(plan.rollback ?? [], afterSteps));
  return found;
}

function uncovered(step: Step, taken: readonly SnapshotStep[], urlDatabase: UrlDatabase): Diagnostic[] {
  const outside = (tables: readonly PlanTable[], since: string | undefined, at: SourceSpan): Diagnostic[] => {
    const snapshots = taken.filter(({ id, target }) => (since === undefined ? target === step.target : id === since));
    if (snapshots.length === 0) return [];
    const table = tables.find((one) => snapshots.every((snapshot) => !mayCover(snapshot, one, urlDatabase)));
    if (table === undefined) return [];
    const name = table.database === undefined ? table.table : `${table.database}.${table.table}`;
    const ids = listed(
      snapshots.map(({ id }) => id),
      'and',
    );
    const message = `\`${name}\` is not in the snapshot of ${ids}`;
    return [problem('NOT_COVERED', at, message, 'name it in the scope of an earlier `snapshot:`')];
  };
  if (step.kind === 'verify') {
    return step.checks.flatMap((check) =>
      compared(check).flatMap(({ tables, since, at }) => outside(tables, since, at)),
    );
  }
  if (step.kind !== 'restore' || step.snapshot.kind !== 'step') return [];
  const databases = (step.databases ?? []).map((database) => ({ database, table: '*' }));
  return outside([...databases, ...(step.tables ?? [])], step.snapshot.step, step.at);
}

interface Compared {
  readonly tables: readonly PlanTable[];
  readonly since: string | undefined;
  readonly at: SourceSpan;
}

function compared(check: Check): readonly Compared[] {
  switch (check.kind) {
    case 'rows':
      return check.rules
        .filter(({ expect, tables }) => looksBack(expect) && tables !== undefined)
        .map(({ tables, since, at }) => ({ tables: tables === undefined ? [] : [tables], since, at }));
    case 'unchanged':
      return [{ tables: check.tables, since: check.since, at: check.at }];
    case 'schema':
      return [{ tables: check.tables ?? [], since: check.since, at: check.at }];
    case 'query':
    case 'matches':
      return [];
  }
}

/** `new` and `gone` are about tables that the snapshot may lack, and the others are about the present. */
function looksBack({ kind }: RowExpectation): boolean {
  return kind === 'same' || kind === 'changed-by' || kind === 'no-less' || kind === 'no-more';
}

/** False only where the names exclude it; case is left to the server. */
function mayCover({ scope, target }: SnapshotStep, table: PlanTable, urlDatabase: UrlDatabase): boolean {
  const inUrl = urlDatabase(target);
  const database = (table.database ?? inUrl)?.toLowerCase();
  if (database === undefined) return true;
  const isDatabase = (name: string | undefined): boolean =>
    name === undefined || matchesPattern(database, name.toLowerCase());
  switch (scope.kind) {
    case 'cluster':
    case 'account':
      return true;
    case 'url-database':
      return isDatabase(inUrl);
    case 'databases':
      return scope.databases.some(isDatabase);
    case 'tables':
      return scope.tables.some(
        (one) =>
          isDatabase(one.database ?? inUrl) && matchesPattern(table.table.toLowerCase(), one.table.toLowerCase()),
      );
  }
}
