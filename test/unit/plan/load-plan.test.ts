import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { renderDiagnostic } from '../../../src/kernel/index.ts';
import { loadPlan, type LoadedPlan } from '../../../src/plan/index.ts';
import { HEAD, read } from './plan-files.ts';

const folder = mkdtempSync(join(tmpdir(), 'snapback-plan-'));
afterAll(() => rmSync(folder, { recursive: true }));

function load(path: string): Promise<LoadedPlan> {
  return loadPlan({ path, env: {}, vars: {}, purpose: 'run' });
}

function rendered({ source, diagnostics }: LoadedPlan): readonly string[] {
  return diagnostics.map((diagnostic) => renderDiagnostic(source.text, diagnostic));
}

describe('a plan file that cannot be read gets one diagnostic', () => {
  test('when it is not there, with the name that is', async () => {
    writeFileSync(join(folder, 'nightly.yaml'), HEAD);
    const path = join(folder, 'nigthly.yaml');

    expect(rendered(await load(path))).toEqual([
      [
        `${path}:1:1 PLAN_NOT_FOUND the plan \`${path}\` is not there`,
        '1 | ',
        '  | ^',
        `  = did you mean \`${join(folder, 'nightly.yaml')}\`?`,
      ].join('\n'),
    ]);
  });

  test.each([
    { what: 'is a folder', code: 'PLAN_UNREADABLE', bytes: undefined },
    { what: 'holds 5 MB', code: 'PLAN_TOO_LARGE', bytes: Buffer.alloc(5 * 1024 * 1024, 'a: 1\n') },
    { what: 'is not UTF-8', code: 'PLAN_NOT_UTF8', bytes: Buffer.from([0x61, 0x3a, 0xff, 0xfe]) },
    { what: 'is empty', code: 'PLAN_EMPTY', bytes: Buffer.alloc(0) },
  ])('when it $what', async ({ code, bytes }) => {
    const path = bytes === undefined ? folder : join(folder, `${code}.yaml`);
    if (bytes !== undefined) writeFileSync(path, bytes);

    const { plan, diagnostics } = await load(path);

    expect({ plan, codes: diagnostics.map((one) => one.code) }).toEqual({ plan: undefined, codes: [code] });
  });
});

describe('diagnostics', () => {
  test('all problems of a plan come at once, in the order of the text', async () => {
    const loaded = await read(`version: 1
target: { url: \${env:URL} }
steps:
  - id: before
    snapshot: { databses: [shop] }
  - id: before
    sql: { file: sql/none.sql }
    timeout: 5 minutes
  - verify:
      rows:
        shop.orders: +3
        shop.a.b: same
  - restore: { snapshot: befor }
  - run: [deploy, "\${env:RELEASE}"]
`);

    expect(rendered(loaded).map((text) => text.split('\n')[0])).toEqual([
      'plan.yaml:2:16 YAML_UNQUOTED_REFERENCE inside braces and brackets YAML reads the `{` of `${env:URL}` as a map',
      'plan.yaml:5:17 UNKNOWN_KEY `snapshot` has no key `databses`',
      'plan.yaml:6:9 DUPLICATE_STEP the step in line 4 is already called `before`',
      'plan.yaml:7:18 SQL_FILE_NOT_FOUND the SQL file `sql/none.sql` is not there',
      'plan.yaml:8:14 WRONG_VALUE `timeout` cannot be the text `5 minutes`',
      'plan.yaml:11:22 YAML_UNQUOTED_CHANGE YAML reads `+3` as the number 3, not as a change by +3',
      'plan.yaml:12:9 WRONG_TABLE `shop.a.b` names no table',
      'plan.yaml:13:26 UNKNOWN_STEP no step is called `befor`',
      'plan.yaml:14:20 MISSING_VARIABLE the environment variable `RELEASE` is not set',
    ]);
  });

  test.each([
    {
      defect: 'a misspelt kind',
      steps: '  - snapshoot: { databases: [shop] }\n',
      says: [
        'plan.yaml:4:5 UNKNOWN_STEP_KIND `snapshoot` is not a kind of step',
        '4 |   - snapshoot: { databases: [shop] }',
        '  |     ^^^^^^^^^',
        '  = did you mean `snapshot`?',
      ],
    },
    {
      defect: 'a colon in text without quotes',
      steps: '  - run: echo "a: b"\n',
      says: [
        'plan.yaml:4:10 YAML_UNQUOTED_COLON a colon and a blank inside text without quotes make YAML read a key',
        '4 |   - run: echo "a: b"',
        '  |          ^^^^^^^^^^^',
        '  = quote it: `\'echo "a: b"\'`',
      ],
    },
    {
      defect: 'a key under the wrong one',
      steps: '  - sql: { text: DELETE FROM carts, timeout: 5m }\n',
      says: [
        'plan.yaml:4:37 UNKNOWN_KEY `sql` has no key `timeout`',
        '4 |   - sql: { text: DELETE FROM carts, timeout: 5m }',
        '  |                                     ^^^^^^^',
        '  = `timeout` goes beside `sql:`, not under it',
      ],
    },
    {
      defect: 'a variable that would become SQL',
      steps: '  - sql: SELECT ${env:X}\n',
      says: [
        'plan.yaml:4:17 CODE_FROM_OUTSIDE `${env:X}` would become SQL',
        '4 |   - sql: SELECT ${env:X}',
        '  |                 ^^^^^^^^',
        '  = write `?` there, and `params: ["${env:X}"]` beside `text:`',
      ],
    },
    {
      defect: 'a name that YAML reads as a number',
      steps: '  - snapshot: { databases: [2024] }\n',
      says: [
        'plan.yaml:4:29 WRONG_TYPE item 1 of `databases` is the number 2024; it must be text',
        '4 |   - snapshot: { databases: [2024] }',
        '  |                             ^^^^',
        '  = quote it: `"2024"`',
      ],
    },
  ])('$defect', async ({ steps, says }) => {
    expect(rendered(await read(`${HEAD}steps:\n${steps}`))).toEqual([says.join('\n')]);
  });

  test('a password never stands in a message about its URL', async () => {
    const text = 'version: 1\ntarget: { url: "${env:URL}" }\nsteps:\n  - sql: DELETE FROM carts\n';
    const loaded = await read(text, { env: { URL: 'mysql://root:hunter2@' } });

    expect(rendered(loaded)).toEqual([
      [
        'plan.yaml:2:16 WRONG_URL this is no URL; write mysql://user:password@host:port/database',
        '2 | target: { url: "${env:URL}" }',
        '  |                ^^^^^^^^^^^^',
        '  = write it like `mysql://user:password@host:3306/shop?tls=verify`',
      ].join('\n'),
    ]);
  });

  test('a variable that is not set is a warning where nothing is run', async () => {
    const text = 'version: 1\ntarget: { url: "${env:URL}" }\nsteps:\n  - snapshot: { max_stall: "${var:stall}" }\n';
    const loaded = await read(text, { purpose: 'validate' });

    expect(loaded.diagnostics.map(({ code, severity }) => ({ code, severity }))).toEqual([
      { code: 'MISSING_VARIABLE', severity: 'warning' },
      { code: 'MISSING_VARIABLE', severity: 'warning' },
    ]);
    expect(loaded.plan?.steps.map(({ id }) => id)).toEqual(['snapshot-1']);
  });

  test('a plan with the same mistake a thousand times tells of two hundred', async () => {
    const { diagnostics } = await read(`${HEAD}steps:\n${'  - rnu: [make]\n'.repeat(1_000)}`);

    expect(diagnostics.length).toEqual(201);
    expect(diagnostics.at(-1)?.code).toEqual('MORE_PROBLEMS');
  });
});
