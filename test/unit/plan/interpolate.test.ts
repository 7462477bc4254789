import { describe, expect, test } from 'vitest';
import type { PlanRequest } from '../../../src/plan/index.ts';
import { fillStep, showPlaceholders } from '../../../src/plan/index.ts';
import { HEAD, read } from './plan-files.ts';

type Request = Partial<PlanRequest> & { readonly texts?: Readonly<Record<string, string>> };

/** The words of a program after the first, or the problems. */
async function wordsOf(words: string, request: Request = {}, more = ''): Promise<unknown> {
  const { plan, diagnostics } = await read(`${HEAD}${more}steps:\n  - run: [echo, ${words}]\n`, request);
  const [step] = plan?.steps ?? [];
  if (step?.kind !== 'run' || step.command.kind !== 'program') return diagnostics.map(({ message }) => message);
  return step.command.words.slice(1);
}

describe('references', () => {
  test.each([
    { reference: '"${env:A}"', gives: ['from env'] },
    { reference: '"<${env:A}${env:A}>"', gives: ['<from envfrom env>'] },
    { reference: '"${env:NONE:-b c}"', gives: ['b c'] },
    { reference: '"${env:EMPTY:-b}"', gives: ['b'] },
    { reference: '"${env:EMPTY}"', gives: [''] },
    { reference: '"${var:v}"', gives: ['EUR'] },
    { reference: '"${var:w}"', gives: ['1.10'] },
    { reference: '"${file:secret.txt}"', gives: ['s3cret'] },
    { reference: '"$${env:A} costs $5"', gives: ['${env:A} costs $5'] },
    { reference: '"${env:NONE}"', gives: ['the environment variable `NONE` is not set'] },
    { reference: '"${file:none.txt}"', gives: ['the file `none.txt` cannot be read'] },
    { reference: '"${var:x}"', gives: ['the variable `x` has no value'] },
    { reference: '"${HOME}"', gives: ['`${HOME}` is no reference'] },
  ])('$reference', async ({ reference, gives }) => {
    const request = { env: { A: 'from env', EMPTY: '' }, texts: { 'secret.txt': 's3cret\n' } };
    expect(await wordsOf(reference, request, 'vars: { v: EUR, w: "1.10" }\n')).toEqual(gives);
  });

  test('a variable from the command line stands above the plan, and an unknown one is refused', async () => {
    const vars = 'vars: { v: EUR }\n';
    expect(await wordsOf('"${var:v}"', { vars: { v: 'CHF' } }, vars)).toEqual(['CHF']);
    expect(await wordsOf('"${var:asked}"', { vars: { asked: 'yes' } })).toEqual(['yes']);
    expect(await wordsOf('"${var:v}"', { vars: { u: 'CHF' } }, vars)).toEqual(['the plan has no variable `u`']);
  });

  test('what is known only in a run is filled in then', async () => {
    const { plan } = await read(`${HEAD}steps:
  - { id: before, snapshot: { name: "Pre-\${run:id}" } }
  - run: { command: ["x-\${run:id}"], env: { FROM: "\${step:before.snapshot}" } }
  - sql: INSERT INTO log VALUES ('\${run:id}')
`);
    const filled = plan?.steps.map((step) => fillStep(step, { run: 'abc', snapshotOf: (id) => `snapshot of ${id}` }));
    const [snapshot, run, sql] = filled ?? [];
    expect(snapshot?.kind === 'snapshot' && snapshot.name).toEqual('pre-abc');
    expect(run?.kind === 'run' && [run.command, run.env]).toEqual([
      { kind: 'program', words: ['x-abc'] },
      { FROM: 'snapshot of before' },
    ]);
    expect(sql?.kind === 'sql' && sql.sources.map(({ text }) => text)).toEqual(["INSERT INTO log VALUES ('abc')"]);
    const [, , before] = plan?.steps ?? [];
    expect(before?.kind === 'sql' && showPlaceholders(before.sources[0]?.text ?? '')).toEqual(
      "INSERT INTO log VALUES ('${run:id}')",
    );
  });
});

test('secrets are what goes from outside to servers and programs, and passwords', async () => {
  const { plan } = await read(
    `version: 1
target: { url: "mysql://root:p%40ss@\${env:HOST}/shop" }
vars: { token: "\${file:token}" }
steps:
  - snapshot: { databases: ["\${env:DATABASE}"] }
  - run: [deploy, "\${var:token}", "\${env:REGION:-eu}"]
`,
    { env: { HOST: 'db1', DATABASE: 'shop' }, texts: { token: 't0ken' } },
  );
  expect(plan?.secrets).toEqual(['db1', 't0ken', 'p@ss', 'p%40ss']);
});

test('variables that bring secrets are known by name, by a URL with a password, or as a password', async () => {
  const { plan } = await read(
    `version: 1
targets: { main: { url: "\${env:SHOP}" }, other: { url: "mysql://\${env:WHO}:\${env:PW}@db1/shop" } }
vars: { note: "\${env:NOTE_TOKEN}" }
steps:
  - { target: main, snapshot: { databases: ["\${env:DATABASE}"] } }
  - { target: main, run: [deploy, "\${var:note}", "\${env:HOME}"] }
`,
    {
      env: { SHOP: 'mysql://a:bcd@db1/shop', WHO: 'me', PW: 'pw1', NOTE_TOKEN: 't', DATABASE: 'shop', HOME: '/root' },
    },
  );
  expect(plan?.secretVariables).toEqual(['SHOP', 'PW', 'NOTE_TOKEN']);
});
