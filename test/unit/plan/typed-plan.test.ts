import { describe, expect, test } from 'vitest';
import { Secret } from '../../../src/kernel/index.ts';
import type { Step } from '../../../src/plan/index.ts';
import { HEAD, read } from './plan-files.ts';

const SNAPSHOT = '  - id: before\n    snapshot: { databases: [shop] }\n';
const COMMON = {
  description: undefined,
  timeoutMs: undefined,
  retry: { attempts: 1, delayMs: 0, on: [] },
  onFailure: 'rollback',
  undo: [],
  inDoubt: 'rollback',
  target: 'main',
};

/** The steps without their places in the text, and the problems in their stead when there are any. */
async function stepsOf(steps: string, texts: Readonly<Record<string, string>> = {}): Promise<unknown> {
  const { plan, diagnostics } = await read(`${HEAD}steps:\n${steps}`, { texts });
  return plan === undefined ? diagnostics : plan.steps.map((step) => withoutPlaces(step));
}

function withoutPlaces(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutPlaces);
  if (value === null || typeof value !== 'object' || value instanceof Secret) return value;
  const members = Object.entries(value).filter(([key]) => key !== 'at');
  return Object.fromEntries(members.map(([key, member]) => [key, withoutPlaces(member)]));
}

async function lastStep(steps: string, texts: Readonly<Record<string, string>> = {}): Promise<unknown> {
  const found = await stepsOf(steps, texts);
  return Array.isArray(found) ? (found.at(-1) as unknown) : found;
}

describe('a snapshot step', () => {
  const taken = { kind: 'snapshot', name: undefined, replace: false, ifMissing: false, lock: undefined };
  const limits = { maxStallMs: 30_000, maxCopyBytes: 20 * 1024 ** 3 };

  test.each([
    { raw: '', scope: { kind: 'url-database' } },
    { raw: ' {}', scope: { kind: 'url-database' } },
    { raw: ' { cluster: true }', scope: { kind: 'cluster' } },
    { raw: ' { account: true }', scope: { kind: 'account', account: undefined } },
    { raw: ' { account: acc1 }', scope: { kind: 'account', account: 'acc1' } },
    { raw: ' { databases: [shop, billing] }', scope: { kind: 'databases', databases: ['shop', 'billing'] } },
    {
      raw: ' { tables: [shop.orders, "`odd.name`.`a``b`", items] }',
      scope: {
        kind: 'tables',
        tables: [
          { database: 'shop', table: 'orders' },
          { database: 'odd.name', table: 'a`b' },
          { database: undefined, table: 'items' },
        ],
      },
    },
  ])('`snapshot:$raw`', async ({ raw, scope }) => {
    const expected = { ...COMMON, ...taken, ...limits, id: 'snapshot-1', keep: { kind: 'until-proven' }, scope };
    expect(await lastStep(`  - snapshot:${raw}\n`)).toEqual(expected);
  });

  test('with a name of its own stays, and its name is folded to lower case', async () => {
    expect(
      await lastStep('  - snapshot: { name: Before-V2, if_missing: true, lock: brief, max_copy: 1.5GB }\n'),
    ).toEqual({
      ...COMMON,
      ...taken,
      id: 'snapshot-1',
      scope: { kind: 'url-database' },
      name: 'before-v2',
      ifMissing: true,
      keep: { kind: 'always' },
      lock: 'brief',
      maxStallMs: 30_000,
      maxCopyBytes: 1_500_000_000,
    });
  });

  test('keeps as long as it is told to', async () => {
    const keeps = ['always', 'on-failure', '24h'].map((keep) => `  - snapshot: { keep: ${keep} }\n`);
    const { plan } = await read(`${HEAD}steps:\n${keeps.join('')}`);
    expect(plan?.steps.map((step) => step.kind === 'snapshot' && step.keep)).toEqual([
      { kind: 'always' },
      { kind: 'on-failure' },
      { kind: 'for', ms: 86_400_000 },
    ]);
  });
});

describe('an sql step', () => {
  const sql = { ...COMMON, id: 'sql-1', kind: 'sql', database: undefined, params: undefined, transaction: 'auto' };

  test('may be nothing but its text', async () => {
    const sources = [{ path: undefined, text: 'DELETE FROM carts' }];
    expect(await stepsOf('  - sql: DELETE FROM carts\n')).toEqual([{ ...sql, sources }]);
  });

  test('keeps integers and parameters as they are', async () => {
    const text = '  - sql: { text: "CALL p(?,?,?,?)", params: [9007199254740993, -5, true, null], transaction: yes }\n';
    const sources = [{ path: undefined, text: 'CALL p(?,?,?,?)' }];
    const params = ['9007199254740993', -5, true, null];
    expect(await stepsOf(text)).toEqual([{ ...sql, sources, params, transaction: 'yes' }]);
  });

  test('reads files in the order that is written, and those of a pattern in the order of their names', async () => {
    const texts = {
      'sql/b.sql': 'SELECT 2',
      'sql/a.sql': 'SELECT 1',
      'sql/deep/c.sql': 'SELECT 3',
      'first.sql': 'SELECT ${env:NOT_READ}',
      'sql/notes.txt': 'no',
    };
    const { plan } = await read(`${HEAD}steps:\n  - sql: { file: [first.sql, "sql/*.sql", sql/**/*.sql] }\n`, {
      texts,
    });
    const [step] = plan?.steps ?? [];
    expect(step?.kind === 'sql' && step.sources.map(({ path, text }) => [path, text])).toEqual([
      ['first.sql', 'SELECT ${env:NOT_READ}'],
      ['sql/a.sql', 'SELECT 1'],
      ['sql/b.sql', 'SELECT 2'],
      ['sql/a.sql', 'SELECT 1'],
      ['sql/b.sql', 'SELECT 2'],
      ['sql/deep/c.sql', 'SELECT 3'],
    ]);
  });
});

describe('a run step', () => {
  const run = { ...COMMON, id: 'run-1', kind: 'run', cwd: undefined, env: {}, isIdempotent: false };

  test('is a program when it is a list, and a shell command when it is text', async () => {
    const words = ['mysql', '-P', '3306'];
    expect(await stepsOf('  - run: [mysql, -P, 3306]\n')).toEqual([{ ...run, command: { kind: 'program', words } }]);
    const text = 'make && echo ${HOME} $1';
    expect(await stepsOf(`  - run: ${text}\n`)).toEqual([{ ...run, command: { kind: 'shell', text } }]);
  });

  test('has its retries with everything written out', async () => {
    const text =
      '  - run: { command: [make], cwd: app, env: { N: 1 }, idempotent: true }\n    retry: { on: [timeout] }\n';
    expect(await stepsOf(text)).toEqual([
      {
        ...run,
        command: { kind: 'program', words: ['make'] },
        cwd: 'app',
        env: { N: '1' },
        isIdempotent: true,
        retry: { attempts: 3, delayMs: 1_000, on: ['timeout'] },
      },
    ]);
  });
});

describe('a verify step', () => {
  const check = { severity: 'error', since: undefined };

  test.each([
    { raw: 'same', expect: { kind: 'same' } },
    { raw: '100', expect: { kind: 'exactly', count: 100 } },
    { raw: '"+3"', expect: { kind: 'changed-by', min: 3, max: 3 } },
    { raw: '"-2"', expect: { kind: 'changed-by', min: -2, max: -2 } },
    { raw: 'no less', expect: { kind: 'no-less' } },
    { raw: 'no more', expect: { kind: 'no-more' } },
    { raw: '{ min: 1 }', expect: { kind: 'between', min: 1, max: undefined } },
    { raw: '{ change: { min: -1, max: +1 } }', expect: { kind: 'changed-by', min: -1, max: 1 } },
    { raw: 'new', expect: { kind: 'new' } },
    { raw: 'gone', expect: { kind: 'gone' } },
    { raw: '{ same_as: shop.old }', expect: { kind: 'same-as', table: { database: 'shop', table: 'old' } } },
  ])('rows: `$raw`', async ({ raw, expect: expected }) => {
    const rule = { tables: { database: 'shop', table: 'a*' }, expect: expected, ...check };
    expect(await lastStep(`${SNAPSHOT}  - verify: { rows: { "shop.a*": ${raw} } }\n`)).toEqual({
      ...COMMON,
      id: 'verify-2',
      kind: 'verify',
      checks: [{ kind: 'rows', rules: [rule], ...check }],
    });
  });

  test.each([
    { raw: 'none', expect: { kind: 'none' } },
    { raw: 'some', expect: { kind: 'some' } },
    { raw: '{ value: null }', expect: { kind: 'value', value: null } },
    { raw: '{ row: [1, EUR] }', expect: { kind: 'row', row: [1, 'EUR'] } },
    { raw: '{ rows: [{ n: 1 }], ordered: true }', expect: { kind: 'rows', rows: [{ n: 1 }], isOrdered: true } },
    { raw: '{ max: 3 }', expect: { kind: 'count', min: undefined, max: 3 } },
    { raw: '{ same_as: before }', expect: { kind: 'same-as', step: 'before' } },
  ])('a query that expects `$raw`', async ({ raw, expect: expected }) => {
    const query = { kind: 'query', name: 'query 1', sql: 'SELECT 1', database: 'shop', params: [], expect: expected };
    expect(
      await lastStep(`${SNAPSHOT}  - verify: { queries: [{ sql: SELECT 1, database: shop, expect: ${raw} }] }\n`),
    ).toEqual({
      ...COMMON,
      id: 'verify-2',
      kind: 'verify',
      checks: [{ ...query, ...check }],
    });
  });

  test('hands `since` and `severity` down to checks that say nothing of their own', async () => {
    const text = `${SNAPSHOT}  - verify:
      since: before
      severity: warn
      rows: { shop.a: same, shop.b: { expect: "+1", severity: error } }
      unchanged: { tables: [shop.c], severity: error }
      schema: { except: [shop.d] }
      matches: { name: release-1 }
`;
    const rest = { severity: 'warn', since: 'before' };
    const table = (name: string) => ({ database: 'shop', table: name });
    expect(await lastStep(text)).toEqual({
      ...COMMON,
      id: 'verify-2',
      kind: 'verify',
      checks: [
        {
          kind: 'rows',
          ...rest,
          rules: [
            { tables: table('a'), expect: { kind: 'same' }, ...rest },
            { tables: table('b'), expect: { kind: 'changed-by', min: 1, max: 1 }, ...rest, severity: 'error' },
          ],
        },
        { kind: 'unchanged', tables: [table('c')], ...rest, severity: 'error' },
        { kind: 'schema', tables: undefined, except: [table('d')], ...rest },
        { kind: 'matches', snapshot: { kind: 'named', name: 'release-1' }, ...rest },
      ],
    });
  });
});

test('restore and drop name a snapshot by its step or by its name on the server', async () => {
  const into = 'into: { account: acc2, admin: admin, password: "111" }';
  const text = `${SNAPSHOT}  - restore: { snapshot: { name: Nightly }, ${into} }\n  - drop: { snapshot: before }\n`;
  const [, ...rest] = (await stepsOf(text)) as readonly Step[];
  expect(rest).toEqual([
    {
      ...COMMON,
      id: 'restore-2',
      kind: 'restore',
      snapshot: { kind: 'named', name: 'nightly' },
      databases: undefined,
      tables: undefined,
      into: { account: 'acc2', admin: 'admin', password: new Secret('111') },
    },
    { ...COMMON, id: 'drop-3', kind: 'drop', snapshot: { kind: 'step', step: 'before' } },
  ]);
});

test('steps without an id are called after kind and place, and never like another one', async () => {
  const { plan } = await read(`${HEAD}steps:
  - { id: sql-2, sql: SELECT 1 }
  - sql: SELECT 2
    undo: [{ sql: SELECT 3 }]
  - sql: SELECT 4
rollback: [{ sql: SELECT 5 }]
finally: [{ sql: SELECT 6 }]
`);
  const ids = [...(plan?.steps ?? []), ...(plan?.rollback ?? []), ...(plan?.finally ?? [])].map(({ id }) => id);
  expect(ids).toEqual(['sql-2', 'sql-2-2', 'sql-3', 'rollback-sql-1', 'finally-sql-1']);
  expect(plan?.steps[1]?.undo.map(({ id }) => id)).toEqual(['sql-2-2-undo-sql-1']);
});

test('`on_failure` of the plan is that of its steps, but not of those on the way back', async () => {
  const { plan } = await read(
    `${HEAD}on_failure: continue\nsteps:\n  - sql: SELECT 1\n  - { sql: SELECT 2, on_failure: stop }\n` +
      'rollback:\n  - sql: SELECT 3\n',
  );
  expect([
    plan?.onFailure,
    ...[...(plan?.steps ?? []), ...(plan?.rollback ?? [])].map((step) => step.onFailure),
  ]).toEqual(['continue', 'continue', 'stop', 'rollback']);
});

test('a plan without a name is called after its file', async () => {
  const { plan } = await read(`${HEAD}steps: [{ sql: SELECT 1 }]`, { path: 'plans/nightly.v2.yaml' });
  expect(plan?.name).toEqual('nightly.v2');
});

test('several targets, and a step on each', async () => {
  const text = `version: 1
targets:
  main: { url: mysql://a@h1/x }
  tenant: { url: "mysql://acc1%3Aadmin@h1:6001/y" }
guards: { wide: [account], url: [h1], writers: refuse }
quiesce: { lock_users: ["app@'%'"] }
steps:
  - sql: SELECT 1
  - { sql: SELECT 2, target: tenant }
`;
  const { plan } = await read(text);
  expect([...(plan?.targets ?? [])].map(([key, { name, url }]) => [key, name, url.reveal()])).toEqual([
    ['main', 'main', 'mysql://a@h1/x'],
    ['tenant', 'tenant', 'mysql://acc1%3Aadmin@h1:6001/y'],
  ]);
  expect(plan?.steps.map(({ target }) => target)).toEqual(['main', 'tenant']);
  expect(plan?.guards).toEqual({ wide: ['account'], url: ['h1'], writers: 'refuse' });
  expect(plan?.quiesce).toEqual({ lockUsers: ["app@'%'"] });
});
