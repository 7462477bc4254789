// Every guard, severity, form of `expect`, verdict and exit code has a scenario that reaches it, on every engine that
// can start.

import { readFileSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { EXIT_CODES, VERDICT_EXIT_CODES } from '../../src/kernel/index.ts';
import type { Check, OnFailure, QueryExpectation, RowExpectation } from '../../src/plan/index.ts';
import { SERVER_ENGINES } from '../../src/servers/index.ts';
import { snapback, workFolder } from '../support/cli.ts';
import { guardedShop } from '../support/guarded-shop.ts';
import { describeEachEngine, openClient, runStatements } from '../support/servers.ts';
import { OUT_OF_REACH, SCENARIOS, SEED, type Scenario } from './table.ts';

/** The compiler names what is new in the plan language and stands in no row here. */
const CHECK_KINDS: Readonly<Record<Check['kind'], true>> = {
  rows: true,
  query: true,
  unchanged: true,
  schema: true,
  matches: true,
};
const ROW_FORMS: Readonly<Record<RowExpectation['kind'], true>> = {
  same: true,
  exactly: true,
  'changed-by': true,
  between: true,
  'no-less': true,
  'no-more': true,
  new: true,
  gone: true,
  'same-as': true,
};
const QUERY_FORMS: Readonly<Record<QueryExpectation['kind'] | 'rows ordered', true>> = {
  none: true,
  some: true,
  value: true,
  row: true,
  rows: true,
  'rows ordered': true,
  count: true,
  'same-as': true,
};
const FAILURE_WAYS: Readonly<Record<OnFailure, true>> = { rollback: true, stop: true, continue: true };

interface PlanSchema {
  readonly $defs: {
    readonly guards: { readonly properties: { readonly writers: { readonly enum: readonly string[] } } & Words };
    readonly quiesce: { readonly properties: Words };
    readonly severity: { readonly enum: readonly string[] };
  };
}
type Words = Readonly<Record<string, unknown>>;

function toBeReached(): readonly string[] {
  const path = new URL('../../schemas/plan.v1.schema.json', import.meta.url);
  const { guards, quiesce, severity } = (JSON.parse(readFileSync(path, 'utf8')) as PlanSchema).$defs;
  const both = (what: string): readonly string[] => [`${what} passes`, `${what} fails`];
  const plain = Object.keys(guards.properties).filter((guard) => guard !== 'writers' && guard !== 'wide');
  return [
    ...Object.keys(EXIT_CODES).map((code) => `exit ${code}`),
    ...Object.keys(VERDICT_EXIT_CODES).map((verdict) => `verdict ${verdict}`),
    ...Object.keys(FAILURE_WAYS).map((way) => `on_failure ${way}`),
    ...severity.enum.map((one) => `severity ${one}`),
    ...['left out', ...guards.properties.writers.enum].map((one) => `guards.writers ${one}`),
    ...['account', 'cluster'].map((one) => `guards.wide ${one}`),
    ...plain.map((guard) => `guards.${guard}`),
    ...Object.keys(quiesce.properties).map((one) => `quiesce.${one}`),
    ...Object.keys(CHECK_KINDS).flatMap(both),
    ...Object.keys(ROW_FORMS).flatMap((form) => both(`rows ${form}`)),
    ...Object.keys(QUERY_FORMS).flatMap((form) => both(`query ${form}`)),
  ];
}

test.each(SERVER_ENGINES)('on %s everything that a plan can say and a run can end with has its scenario', (engine) => {
  const own = SCENARIOS.filter(({ engines }) => engines?.includes(engine) ?? true);
  const reached = new Set(own.flatMap(({ reaches }) => reaches));
  const wanted = toBeReached().filter((one) => OUT_OF_REACH[engine][one] === undefined);
  expect({
    missing: wanted.filter((one) => !reached.has(one)),
    unknown: [...reached].filter((one) => !wanted.includes(one)),
  }).toEqual({ missing: [], unknown: [] });
});

interface ToldCheck {
  readonly passed: boolean;
  readonly severity: string;
}

interface ToldRun {
  readonly verdict: string;
  readonly actions: readonly {
    readonly evidence?: { readonly kind: string; readonly checks?: readonly ToldCheck[] };
  }[];
}

function planOf({ plan }: Scenario, database: string): string {
  const target = 'target: { url: "${env:DATABASE_URL}" }';
  return `version: 1\nname: scenario\n${target}\n${plan.replaceAll('DATABASE', () => database)}`;
}

/** Somebody in the middle of a transaction that has changed a row. */
async function writeMeanwhile(url: string): Promise<void> {
  const client = await openClient(url);
  await client.query('BEGIN');
  await client.query("UPDATE orders SET note = 'mine' WHERE id = 1");
  onTestFinished(async () => {
    await client.query('ROLLBACK').catch(() => undefined);
    await client.close();
  });
}

describeEachEngine((server) => {
  const own = SCENARIOS.filter(({ engines }) => engines?.includes(server.engine) ?? true);

  test.each(own)('$name', async (scenario) => {
    const { name, url } = await guardedShop(server);
    await runStatements(url, SEED);
    const folder = workFolder({ 'plan.yaml': planOf(scenario, name) });
    if (scenario.hasWriter === true) await writeMeanwhile(url);
    const codes: (number | null)[] = [];
    const said: string[] = [];
    for (const words of scenario.commands ?? [['run', 'plan.yaml']]) {
      const end = await snapback(words, folder, { DATABASE_URL: url, ...scenario.env });
      codes.push(end.code);
      said.push(end.stderr);
    }
    expect({ codes, said: codes.join() === scenario.codes.join() ? [] : said }).toEqual({
      codes: scenario.codes,
      said: [],
    });
    if (scenario.verdict === undefined) return;
    const { verdict, actions } = await newestRun(folder);
    const forms = scenario.reaches.filter((one) => / (?:passes|fails)$/.test(one));
    const isPassing = forms.every((one) => one.endsWith(' passes'));
    const checks =
      forms.length === 0
        ? []
        : (actions.findLast(({ evidence }) => evidence?.kind === 'verify')?.evidence?.checks ?? []);
    expect({ verdict, others: checks.filter(({ passed }) => passed !== isPassing) }).toEqual({
      verdict: scenario.verdict,
      others: [],
    });
  });
});

async function newestRun(folder: string): Promise<ToldRun> {
  return JSON.parse((await snapback(['report', '--format', 'json'], folder)).stdout) as ToldRun;
}
