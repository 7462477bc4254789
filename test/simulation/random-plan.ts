// A plan at random, and what it means: which effects each of its steps has. An effect is a place in a table that shows
// how often it was reached.

import { compilePlan, type CompiledPlan } from '../../src/compile/index.ts';
import type { SourceSpan } from '../../src/kernel/index.ts';
import type { Check, OnFailure, Plan, PlanScope, RetryPolicy, Step, StepCommon } from '../../src/plan/index.ts';
import { planOf, runStep, snapshotStep, sqlStep, verifyStep, common } from '../support/plan-builder.ts';
import type { Part, WorkKind } from './faults.ts';
import type { Table } from './memory-server.ts';
import { Rng } from './rng.ts';
import { coveredBy } from './server-catalog.ts';

export type EffectKind = 'add' | 'set' | 'insert' | 'column' | 'create' | 'drop';

export interface PlannedEffect {
  readonly id: number;
  readonly table: string;
  readonly kind: EffectKind;
}

/** What a step means. */
export interface Meaning {
  readonly effects: readonly PlannedEffect[];
  /** What its daemon may do, or not, until it is ended. */
  readonly strays: readonly PlannedEffect[];
  readonly isTransaction: boolean;
  /** It fails, whatever happens. */
  readonly fails: boolean;
}

export interface RandomPlan {
  readonly compiled: CompiledPlan;
  readonly meanings: ReadonlyMap<string, Meaning>;
  /** What the tables hold before. */
  readonly tables: ReadonlyMap<string, Table>;
}

/** A program of the plan, as its one word. */
export interface ProgramScript {
  readonly statements: readonly string[];
  readonly exitCode: number;
  readonly strays: readonly string[];
  readonly isDaemon?: boolean;
}

const COVERED = ['shop.a', 'shop.b', 'shop.c'] as const;
const SIDE = 'side.log';
/** Parts that a run comes to without going back. */
const FORWARD: readonly Part[] = ['steps', 'finally'];
const at: SourceSpan = { path: 'plan.yaml', start: 0, end: 4 };
const NOTHING: Meaning = { effects: [], strays: [], isTransaction: false, fails: false };

/** What a plan has to have in it. */
export interface Wish {
  /** Long, with a bit of everything. */
  readonly isWild: boolean;
  readonly kind: WorkKind | undefined;
  readonly part: Part | undefined;
}

export function randomPlan(seed: string, wish: Wish): RandomPlan {
  const rng = new Rng(`plan ${seed}`);
  for (;;) {
    const draft = new Draft(rng, wish);
    const made = draft.plan();
    if (made !== undefined) return made;
  }
}

/** The same plan without some of its steps; undefined where that makes no sound plan. */
export function withoutStep(plan: RandomPlan, id: string): RandomPlan | undefined {
  const { compiled, ...rest } = plan;
  const without = (steps: readonly Step[]): Step[] =>
    steps.filter((step) => step.id !== id).map((step) => ({ ...step, undo: without(step.undo) }));
  const { steps, rollback, finally: last } = compiled.plan;
  const fewer = rollback === undefined ? undefined : without(rollback);
  const changed: Plan = {
    ...compiled.plan,
    steps: without(steps),
    rollback: fewer?.length === 0 ? undefined : fewer,
    finally: without(last),
  };
  if (changed.steps.length === 0) return undefined;
  const isReferred = JSON.stringify([changed.steps, changed.rollback]).includes(`"step":"${id}"`);
  if (isReferred) return undefined;
  const result = compilePlan(changed);
  return result.kind === 'ok' ? { ...rest, compiled: result.value } : undefined;
}

export function kindOfAction({ compiled, meanings }: RandomPlan, action: string): WorkKind {
  const node = compiled.topology.nodes.get(action);
  if (node?.kind !== 'action') return 'end';
  if (node.action.kind !== 'step') return node.action.kind;
  const { kind, id } = node.action.step;
  if (kind !== 'sql') return kind;
  return meanings.get(id)?.isTransaction === true ? 'sql-transaction' : 'sql-alone';
}

/** How often an effect shows. */
export function countOf({ id, table, kind }: PlannedEffect, tables: ReadonlyMap<string, Table>): number {
  const found = tables.get(table);
  switch (kind) {
    case 'create':
      return tables.has(made(table, id)) ? 1 : 0;
    case 'drop':
      return tables.has(made(table, id)) ? 0 : 1;
    case 'column':
      return found?.columns.filter((column) => column === `c${id}`).length ?? 0;
    default:
      return found?.rows.get(id) ?? 0;
  }
}

/** The table in which an effect shows. */
export function placeOf({ id, table, kind }: PlannedEffect): string {
  return kind === 'create' || kind === 'drop' ? made(table, id) : table;
}

const made = (table: string, id: number): string => `${table}${id}`;

export function sqlOf({ id, table, kind }: PlannedEffect): string {
  switch (kind) {
    case 'add':
      return `UPDATE ${table} SET n = n + 1 WHERE id = ${id}`;
    case 'set':
      return `UPDATE ${table} SET n = 1 WHERE id = ${id}`;
    case 'insert':
      return `INSERT INTO ${table} VALUES (${id})`;
    case 'column':
      return `ALTER TABLE ${table} ADD COLUMN c${id}`;
    case 'create':
      return `CREATE TABLE ${made(table, id)}`;
    case 'drop':
      return `DROP TABLE ${made(table, id)}`;
  }
}

class Draft {
  readonly #rng: Rng;
  readonly #wish: Wish;
  readonly #meanings = new Map<string, Meaning>();
  readonly #steps: Step[] = [];
  #effectId = 100;
  #stepId = 0;
  #scope: PlanScope = { kind: 'url-database' };
  #covered: readonly string[] = COVERED;

  constructor(rng: Rng, wish: Wish) {
    this.#rng = rng;
    this.#wish = wish;
  }

  plan(): RandomPlan | undefined {
    const rng = this.#rng;
    const { isWild, kind, part } = this.#wish;
    if (isWild && rng.chance(0.15))
      this.#add(rng.chance(0.5) ? this.#query(true) : this.#sql(SIDE, { onFailure: 'stop' }));
    this.#scope = this.#someScope();
    this.#covered = COVERED.filter((table) => isCovered(this.#scope, table));
    this.#add(this.#snapshot('s0'));
    for (let left = isWild ? rng.between(0, 4) : 0; left > 0; left -= 1) this.#add(this.#someStep());
    this.#addWished();
    if (isWild && rng.chance(0.35)) this.#add(this.#drop());
    const goesBack = kind === 'restore-all' || kind === 'prove-all' || (part !== undefined && !FORWARD.includes(part));
    if (rng.chance(goesBack ? 0.9 : 0.3)) this.#add({ ...this.#query(false), onFailure: 'rollback' });
    const changes = { rollback: this.#rollback(), finally: this.#finally() };
    const compiled = compilePlan(planOf(this.#steps, changes));
    if (compiled.kind !== 'ok') return undefined;
    return { compiled: compiled.value, meanings: this.#meanings, tables: this.#tables() };
  }

  /** The step that the story is about, on a table that is covered. */
  #addWished(): void {
    const rng = this.#rng;
    const table = rng.pick(this.#covered);
    switch (this.#wish.kind) {
      case 'sql-transaction':
      case 'sql-alone':
        this.#add(this.#sql(table, this.#ways(), this.#wish.kind === 'sql-transaction'));
        return;
      case 'run':
        this.#add(this.#program());
        return;
      case 'verify':
        this.#add(rng.chance(0.5) ? this.#query(!rng.chance(0.35)) : this.#unchanged());
        return;
      case 'restore':
        this.#add(this.#sql(table, this.#ways()));
        this.#add(this.#restore());
        return;
      case 'drop':
        for (let left = 2; left > 0; left -= 1) this.#add(this.#drop());
        return;
      default:
        this.#add(rng.chance(0.7) ? this.#sql(table, this.#ways()) : this.#program());
    }
  }

  #add(step: Step): void {
    this.#steps.push(step);
  }

  #someScope(): PlanScope {
    const dice = this.#rng.next();
    if (dice < 0.4) return { kind: 'url-database' };
    if (dice < 0.7) return { kind: 'databases', databases: ['shop'] };
    const tables = ['a', 'b'].map((table) => ({ database: 'shop', table }));
    return { kind: 'tables', tables };
  }

  #someStep(): Step {
    const rng = this.#rng;
    const dice = rng.next();
    if (dice < 0.45) return this.#sql(rng.chance(0.8) ? rng.pick(this.#covered) : SIDE, this.#ways());
    if (dice < 0.65) return this.#program();
    if (dice < 0.78) return rng.chance(0.5) ? this.#query(!rng.chance(0.35)) : this.#unchanged();
    if (dice < 0.88) return this.#restore();
    return this.#drop();
  }

  /** Of a second snapshot, which comes first where there is none yet. */
  #drop(): Step {
    const second = this.#steps.find(({ id }) => id === 's1');
    if (second === undefined) return this.#snapshot('s1');
    if (this.#steps.some(({ kind }) => kind === 'drop')) return this.#query(true);
    const id = this.#id('drop');
    this.#meanings.set(id, NOTHING);
    return { ...common(id), kind: 'drop', snapshot: { kind: 'step', step: second.id } };
  }

  #snapshot(id: string): Step {
    const rng = this.#rng;
    const keep = rng.pick(['until-proven', 'until-proven', 'always', 'on-failure'] as const);
    this.#meanings.set(id, NOTHING);
    return snapshotStep(id, { scope: this.#scope, keep: { kind: keep }, retry: this.#retry(), ...this.#timeout() });
  }

  #sql(table: string, ways: Partial<StepCommon>, wished?: boolean): Step {
    const rng = this.#rng;
    const id = this.#id('sql');
    const isTransaction = wished ?? rng.chance(0.5);
    // A scope of tables holds none that are made later.
    const canMake = this.#scope.kind !== 'tables' && table !== SIDE;
    const ddl: readonly EffectKind[] = canMake
      ? ['column', 'create', 'create', 'create', 'drop', 'add']
      : ['column', 'add'];
    const isRerun = rng.chance(0.08);
    const kinds: readonly EffectKind[] = isRerun ? ['set'] : isTransaction ? ['add', 'insert'] : ddl;
    const effects = Array.from({ length: rng.between(1, 3) }, () => this.#effect(table, rng.pick(kinds)));
    const fails = rng.chance(0.12);
    const lines = effects.map(sqlOf);
    if (fails) lines.splice(rng.between(0, lines.length), 0, `UPDATE ${table}x SET n = n + 1 WHERE id = 1`);
    this.#meanings.set(id, { effects, strays: [], isTransaction, fails });
    return sqlStep(id, {
      sources: [{ path: undefined, text: lines.join(';\n'), at }],
      transaction: isTransaction || effects.some(({ kind }) => isDdl(kind)) ? 'auto' : 'no',
      retry: this.#retry(),
      ...this.#timeout(),
      ...ways,
      ...(isRerun ? { inDoubt: 'rerun' } : {}),
    });
  }

  #program(table: string = this.#rng.pick(this.#covered), ways: Partial<StepCommon> = this.#ways()): Step {
    const rng = this.#rng;
    const id = this.#id('run');
    const isIdempotent = rng.chance(0.3);
    const some: readonly EffectKind[] = ['add', 'insert', 'column'];
    const kinds = isIdempotent
      ? (['set'] as const)
      : this.#scope.kind === 'tables' || table === SIDE
        ? some
        : ([...some, 'create'] as const);
    const effects = Array.from({ length: rng.between(1, 3) }, () => this.#effect(table, rng.pick(kinds)));
    const strays = rng.chance(0.15) && !isIdempotent ? [this.#effect(table, 'add')] : [];
    const fails = rng.chance(0.12);
    const script: ProgramScript = {
      statements: effects.map(sqlOf),
      exitCode: fails ? 1 : 0,
      strays: strays.map(sqlOf),
    };
    this.#meanings.set(id, { effects, strays, isTransaction: false, fails });
    const command = { kind: 'program', words: [JSON.stringify(script)] } as const;
    return runStep(id, { command, isIdempotent, retry: this.#retry(), ...this.#timeout(), ...ways });
  }

  #query(passes: boolean): Step {
    const id = this.#id('check');
    this.#meanings.set(id, { ...NOTHING, fails: !passes });
    const sql = `SELECT n FROM ${this.#rng.pick(COVERED)} WHERE id = 1`;
    const expect = { kind: 'value', value: passes ? 7 : 99 } as const;
    const common = { at, severity: 'error', since: undefined } as const;
    const check: Check = { ...common, kind: 'query', name: 'base row', sql, database: undefined, params: [], expect };
    return verifyStep(id, { checks: [check], ...this.#timeout(), onFailure: this.#onFailure() });
  }

  #unchanged(): Step {
    const id = this.#id('check');
    this.#meanings.set(id, NOTHING);
    const [table = ''] = this.#covered;
    const tables = [{ database: 'shop', table: table.slice('shop.'.length) }];
    const check: Check = { at, severity: 'warn', since: undefined, kind: 'unchanged', tables };
    return verifyStep(id, { checks: [check], ...this.#timeout() });
  }

  #restore(): Step {
    const id = this.#id('restore');
    this.#meanings.set(id, NOTHING);
    const snapshot = { kind: 'step', step: 's0' as Step['id'] } as const;
    const parts = { databases: undefined, tables: undefined, into: undefined };
    return { ...common(id), kind: 'restore', snapshot, ...parts, onFailure: this.#onFailure(), retry: this.#retry() };
  }

  #rollback(): readonly Step[] | undefined {
    const rng = this.#rng;
    const { part, kind } = this.#wish;
    const isAutomatic = part === 'auto' || kind === 'restore-all' || kind === 'prove-all';
    if (part !== 'rollback' && (isAutomatic || rng.chance(this.#wish.isWild ? 0.6 : 0.8))) return undefined;
    const snapshot = { kind: 'step', step: 's0' as Step['id'] } as const;
    const parts = { databases: undefined, tables: undefined, into: undefined };
    const back: Step = { ...common('back'), kind: 'restore', snapshot, ...parts };
    const check: Check = { at, severity: 'error', since: undefined, kind: 'matches', snapshot };
    const proof = verifyStep('proof', { checks: [check] });
    this.#meanings.set('back', NOTHING);
    this.#meanings.set('proof', NOTHING);
    if (rng.chance(0.5)) return [back, proof];
    return [back, this.#aside(), ...(rng.chance(0.5) ? [proof] : [])];
  }

  #finally(): readonly Step[] {
    const rng = this.#rng;
    if (this.#wish.part !== 'finally' && !rng.chance(this.#wish.isWild ? 0.15 : 0.05)) return [];
    return [this.#aside()];
  }

  /** Outside of what is covered, so that it shows whatever becomes of the data. */
  #aside(): Step {
    return this.#rng.chance(0.7) ? this.#sql(SIDE, {}) : this.#program(SIDE, {});
  }

  #ways(): Partial<StepCommon> {
    const rng = this.#rng;
    const onFailure = this.#onFailure();
    const inDoubt = rng.chance(0.35) ? 'ask' : 'rollback';
    const isUndone = this.#wish.part === 'undo' || rng.chance(this.#wish.isWild ? 0.12 : 0.06);
    const table = rng.chance(0.5) ? SIDE : rng.pick(this.#covered);
    const undo = !isUndone ? [] : [rng.chance(0.7) ? this.#sql(table, {}) : this.#program(table, {})];
    return { onFailure, inDoubt, undo };
  }

  #onFailure(): OnFailure {
    return this.#rng.pick(['rollback', 'rollback', 'rollback', 'rollback', 'stop', 'continue'] as const);
  }

  #retry(): RetryPolicy {
    const rng = this.#rng;
    if (rng.chance(0.5)) return { attempts: 1, delayMs: 0, on: [] };
    const on = ['deadlock', 'lock-wait', 'connection', 'timeout'] as const;
    return { attempts: rng.between(2, 3), delayMs: rng.between(0, 2000), on };
  }

  #timeout(): { readonly timeoutMs?: number } {
    return this.#rng.chance(0.3) ? { timeoutMs: this.#rng.between(100, 30_000) } : {};
  }

  #effect(table: string, kind: EffectKind): PlannedEffect {
    return { id: this.#effectId++, table, kind };
  }

  #id(kind: string): string {
    this.#stepId += 1;
    return `${kind}${this.#stepId}`;
  }

  #tables(): ReadonlyMap<string, Table> {
    const tables = new Map<string, Table>();
    const effects = [...this.#meanings.values()].flatMap((meaning) => [...meaning.effects, ...meaning.strays]);
    for (const name of [...COVERED, SIDE]) {
      const rows = new Map<number, number>([1, 2, 3].map((id) => [id, 7]));
      for (const { id, table, kind } of effects)
        if (table === name && (kind === 'add' || kind === 'set')) rows.set(id, 0);
      tables.set(name, { columns: ['id', 'n'], rows });
    }
    for (const effect of effects) {
      if (effect.kind === 'drop') tables.set(placeOf(effect), { columns: ['id', 'n'], rows: new Map([[1, 7]]) });
    }
    return tables;
  }
}

const isDdl = (kind: EffectKind): boolean => kind === 'column' || kind === 'create' || kind === 'drop';

function isCovered(scope: PlanScope, table: string): boolean {
  if (scope.kind !== 'tables') return true;
  return coveredBy({ kind: 'tables', tables: scope.tables.map((one) => ({ database: 'shop', table: one.table })) })(
    table,
  );
}
