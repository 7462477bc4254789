import fc from 'fast-check';
import { expect, test } from 'vitest';
import { renderDiagnostic } from '../../../src/kernel/index.ts';
import { parsePlanText } from '../../../src/plan/index.ts';
import { memoryFiles } from './plan-files.ts';

const GOOD = `version: 1
target: { url: "\${env:URL}" }
vars: { currency: EUR }
steps:
  - id: before
    snapshot: { databases: [shop], keep: 24h, max_copy: 1GiB }
  - sql: { text: "DELETE FROM a WHERE x = ?", params: ["\${var:currency}"] }
    retry: { attempts: 2, on: [deadlock] }
    undo: [{ sql: INSERT INTO a VALUES (1) }]
  - run: { command: [make, "\${run:id}"], env: { A: "1" } }
  - verify:
      rows: { shop.*: same, shop.a: "+3", b: { min: 1, max: 2 } }
      queries: [{ sql: SELECT 1, expect: { rows: [[1], [2]] } }]
      unchanged: [shop.b]
      schema: same
      matches: before
rollback:
  - restore: { snapshot: before, tables: [shop.a] }
  - drop: { snapshot: before }
`;

const SCRAPS = [
  '*',
  '&a ',
  '*a',
  '${',
  '${env:X}',
  '"',
  "'",
  '[',
  ']',
  '{',
  '}',
  ': ',
  '- ',
  '\t',
  '\n',
  '|',
  '!',
  '?',
  '#',
];
const scrap = fc.oneof(
  fc.constantFrom(...SCRAPS),
  fc.string({ unit: 'binary', maxLength: 5 }),
  fc.integer().map(String),
);
const edit = fc.record({ at: fc.nat(GOOD.length), removed: fc.nat(12), added: scrap });

const mutated = fc
  .array(edit, { minLength: 1, maxLength: 6 })
  .map((edits) =>
    edits.reduce((text, { at, removed, added }) => text.slice(0, at) + added + text.slice(at + removed), GOOD),
  );

test('any text is a plan or gets diagnostics that can be shown, and never makes the reader throw', async () => {
  const text = fc.oneof(
    { weight: 8, arbitrary: mutated },
    fc.string({ unit: 'binary' }),
    fc.array(scrap).map((scraps) => scraps.join('')),
  );
  await fc.assert(
    fc.asyncProperty(text, fc.constantFrom('run', 'validate'), async (plan, purpose) => {
      const env = { URL: 'mysql://root@localhost/shop' };
      const loaded = await parsePlanText({
        path: 'p.yaml',
        text: plan,
        env,
        vars: {},
        purpose,
        files: memoryFiles({}),
      });

      const hasError = loaded.diagnostics.some(({ severity }) => severity === 'error');
      expect({ plan, isPlan: loaded.plan !== undefined }).toEqual({ plan, isPlan: !hasError });
      for (const diagnostic of loaded.diagnostics) {
        expect(renderDiagnostic(plan, diagnostic).split('\n')[0]).toContain(diagnostic.code);
        expect(diagnostic.at.start).toBeLessThanOrEqual(diagnostic.at.end);
        expect(diagnostic.at.start).toBeLessThanOrEqual(plan.length);
      }
    }),
    { numRuns: Number(process.env['FUZZ_RUNS'] ?? 400) },
  );
});
