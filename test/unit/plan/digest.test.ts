import { describe, expect, test } from 'vitest';
import type { PlanRequest } from '../../../src/plan/index.ts';
import { read } from './plan-files.ts';

const PLAN = `version: 1
name: nightly
target: { url: "\${env:URL}" }
vars: { currency: EUR }
steps:
  - id: before
    snapshot: { databases: [shop] }
  - sql: { file: a.sql }
  - run: { command: [deploy], env: { TOKEN: "\${env:TOKEN}" } }
`;
const REQUEST = { env: { URL: 'mysql://root:one@h/shop', TOKEN: 'x' }, texts: { 'a.sql': 'SELECT 1' } };

type Request = Partial<PlanRequest> & { readonly texts?: Readonly<Record<string, string>> };

async function digestOf(text: string, request: Request = {}): Promise<string | undefined> {
  return (await read(text, { ...REQUEST, ...request })).plan?.digest;
}

describe('the digest of a plan', () => {
  test.each([
    {
      change: 'comments and layout',
      text: PLAN.replace('{ databases: [shop] }', '# all of it\n      databases:\n        - shop'),
    },
    { change: 'the order of keys', text: PLAN.replace('name: nightly\n', '').concat('name: nightly\n') },
    { change: 'a default that is written out', text: PLAN.replace('[shop] }', '[shop], max_stall: 30s }') },
    { change: 'a description', text: PLAN.concat('    description: ships it\n') },
    { change: 'another password and token', request: { env: { URL: 'mysql://root:two@h/shop', TOKEN: 'y' } } },
  ])('stays with $change', async ({ text = PLAN, request = {} }: { text?: string; request?: Request }) => {
    expect(await digestOf(text, request)).toEqual(await digestOf(PLAN));
  });

  test.each([
    { change: 'a variable', request: { vars: { currency: 'CHF' } } },
    { change: 'a byte in an SQL file', request: { texts: { 'a.sql': 'SELECT 2' } } },
    { change: 'another step', text: PLAN.concat('  - sql: SELECT 1\n') },
    { change: 'another scope', text: PLAN.replace('[shop]', '[shop2]') },
  ])('changes with $change', async ({ text = PLAN, request = {} }: { text?: string; request?: Request }) => {
    const changed = await digestOf(text, request);
    expect(changed).toMatch(/^[0-9a-f]{64}$/);
    expect(changed).not.toEqual(await digestOf(PLAN));
  });

  test('stays when only the password in the plan itself changes, and changes with the host', async () => {
    const inline = (url: string) => digestOf(PLAN.replace('"${env:URL}"', url));
    expect(await inline('mysql://root:one@h/shop')).toEqual(await inline('mysql://root:two@h/shop'));
    expect(await inline('mysql://root:one@h/shop')).not.toEqual(await inline('mysql://root:one@h2/shop'));
  });
});
