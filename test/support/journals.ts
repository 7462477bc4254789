import type { CheckResult, ProvenTable } from '../../src/kernel/index.ts';
import type { PlanShape } from '../../src/report/index.ts';
import { fault, JournalBuilder } from './journal-builder.ts';

export const TAKEN_AT = '2026-01-31T07:41:22.000Z';

const passed = (subject: string, words: string): CheckResult => {
  return { check: 'rows', subject, passed: true, severity: 'error', expected: words, found: words };
};

const TABLES = ['audit_log', 'baskets', 'brands', 'categories', 'coupons', 'currencies', 'customers', 'images'];
const OTHER_TABLES = ['order_items', 'orders', 'payments', 'products', 'returns', 'stock'];

export const SHOP_TABLES: readonly string[] = [...TABLES, ...OTHER_TABLES].map((table) => `shop.${table}`);

export const SHOP_SHAPE: PlanShape = [
  { action: 'steps/before', kind: 'snapshot', title: 'before', phase: 'steps' },
  { action: 'steps/migrate', kind: 'sql', title: 'migrate', phase: 'steps' },
  { action: 'steps/check', kind: 'verify', title: 'check', phase: 'steps' },
  { action: 'auto/restore', kind: 'restore', title: 'restore', phase: 'auto' },
  { action: 'auto/proof', kind: 'proof', title: 'proof', phase: 'auto' },
  { action: 'auto/release', kind: 'release', title: 'release', phase: 'auto' },
];

const PASSED = SHOP_TABLES.filter((table) => table !== 'shop.orders').map((table) =>
  passed(table, 'the same 4,210 rows'),
);

export const FAILED_CHECKS: readonly CheckResult[] = [
  {
    check: 'rows',
    subject: 'shop.orders',
    passed: false,
    severity: 'error',
    expected: 'the same 300,000 rows',
    found: '299,987',
    rows: {
      gone: 13,
      added: 0,
      changed: 0,
      is_exact: true,
      sample: ['41', '977', '1203', '1204', '1377'].map((id) => ({ change: 'gone', key: `id=${id}` })),
    },
  },
  {
    check: 'query',
    subject: 'every order has a currency',
    passed: false,
    severity: 'error',
    expected: 'none',
    found: '13 rows',
  },
];

const proven = (table: string, at: number): ProvenTable => {
  const row_count = table === 'shop.orders' ? 300_000 : 4_210 + at * 17;
  return { table, row_count, fingerprint: `${row_count}:9f3c${at.toString(16).padStart(4, '0')}e1`, is_equal: true };
};

/** A run up to the end of its migration. */
export function migrated(): JournalBuilder {
  return new JournalBuilder()
    .opened()
    .did('steps/before', 1_900, {
      kind: 'snapshot',
      name: 'snapback_7f3k_before',
      scope: 'shop',
      databases: ['shop'],
      taken_at: TAKEN_AT,
      table_count: 14,
      row_count: 1_204_331,
    })
    .intended('steps/migrate')
    .statement('steps/migrate', 0, { head: 'CREATE TABLE currencies (code CHAR(3) PRIMARY KEY)', durationMs: 31 })
    .statement('steps/migrate', 1, { head: 'ALTER TABLE orders ADD COLUMN currency CHAR(3)', durationMs: 4_020 })
    .statement('steps/migrate', 2, { head: "UPDATE orders SET currency = 'EUR'", rows: 300_000, durationMs: 2_003 })
    .statement('steps/migrate', 3, { head: 'ALTER TABLE orders ADD KEY (currency)', durationMs: 41 })
    .settled('steps/migrate', 6_100, {
      kind: 'succeeded',
      evidence: { kind: 'sql', statement_count: 4, rows_affected: 300_000, is_transaction: false },
    });
}

/** A run whose check failed and that went back. */
export function rolledBack(): JournalBuilder {
  return checkFailed()
    .did('auto/restore', 2_200, {
      kind: 'restore',
      snapshot: 'snapback_7f3k_before',
      table_count: 14,
      restored: ['shop.orders', 'shop.order_items', 'shop.currencies'],
      row_count: 317_402,
      removed: [],
      destroyed: [
        {
          object: 'table',
          name: 'shop.orders',
          what: 'rows',
          expected: '300,000 rows',
          found: '299,987 rows',
          rows: { gone: 13, added: 0, changed: 299_987, is_exact: true, sample: [] },
        },
        { object: 'table', name: 'shop.orders', what: 'definition', expected: '5 columns', found: '6 columns' },
      ],
    })
    .did('auto/proof', 700, {
      kind: 'proof',
      snapshot: 'snapback_7f3k_before',
      is_equal: true,
      moment: 'under LOCK TABLES READ',
      tables: SHOP_TABLES.map(proven),
      objects: { view: 5, trigger: 3 },
      differences: [],
      left_out: [],
    })
    .verdict('rolled-back', 'Rolled back and proven: shop is as it was at 07:41:22 UTC.', 'steps/check')
    .did('auto/release', 12, { kind: 'drop', snapshots: ['snapback_7f3k_before'] })
    .closed('rolled-back');
}

/** The same run at the moment after its check failed. */
export function checkFailed(): JournalBuilder {
  return migrated().failed('steps/check', 400, {
    fault: fault('CHECK_FAILED', '2 of 16 checks failed', 'The report lists expected and found of every check.'),
    effect: 'none',
    evidence: { kind: 'verify', checks: [...FAILED_CHECKS, ...PASSED, passed('no order without a customer', 'none')] },
  });
}

export function committed(): JournalBuilder {
  return migrated()
    .did('steps/check', 400, {
      kind: 'verify',
      checks: [
        ...PASSED,
        passed('shop.orders', 'the same 300,000 rows'),
        passed('every order has a currency', 'none'),
        passed('no order without a customer', 'none'),
      ],
    })
    .verdict('committed', 'Committed: shop is as the plan intends.')
    .did('auto/release', 12, { kind: 'drop', snapshots: ['snapback_7f3k_before'] })
    .closed('committed');
}

/** A snapshot that was refused: nothing was changed. */
export function failedClean(): JournalBuilder {
  return new JournalBuilder()
    .opened()
    .failed('steps/before', 35, {
      fault: fault(
        'SNAPSHOT_REFUSED',
        'shop.notes is a MEMORY table: its rows do not survive a restart, and neither would a copy of them',
        'Nothing was changed. Narrow the scope or change what the message names.',
      ),
      effect: 'none',
    })
    .verdict('failed-clean', 'Failed at before before anything was changed.', 'steps/before')
    .closed('failed-clean');
}

/** The proof found a difference after the restore. */
export function stuck(): JournalBuilder {
  return checkFailed()
    .did('auto/restore', 2_200, {
      kind: 'restore',
      snapshot: 'snapback_7f3k_before',
      table_count: 14,
      restored: ['shop.orders'],
      row_count: 300_000,
      removed: ['shop.orders_new'],
      destroyed: [{ object: 'table', name: 'shop.orders_new', what: 'extra', found: '12 rows' }],
    })
    .failed('auto/proof', 700, {
      fault: fault('PROOF_FAILED', '2 objects differ from the snapshot'),
      effect: 'none',
      evidence: {
        kind: 'proof',
        snapshot: 'snapback_7f3k_before',
        is_equal: false,
        moment: 'under LOCK TABLES READ',
        tables: SHOP_TABLES.map(proven).map((table) => ({ ...table, is_equal: table.table !== 'shop.stock' })),
        objects: { view: 5, trigger: 3 },
        differences: [
          {
            object: 'table',
            name: 'shop.stock',
            what: 'rows',
            expected: '4,431 rows',
            found: '4,430 rows',
            rows: { gone: 1, added: 0, changed: 0, is_exact: true, sample: [{ change: 'gone', key: 'sku=A-7' }] },
          },
          { object: 'trigger', name: 'shop.tr_audit', what: 'missing' },
        ],
        left_out: [],
      },
    })
    .verdict('stuck', 'Stuck: shop could not be proven to be as it was; nothing more was touched.', 'steps/check');
}

/** Interrupted in the third statement of its migration. */
export function interrupted(): JournalBuilder {
  return new JournalBuilder()
    .opened()
    .did('steps/before', 1_900, {
      kind: 'snapshot',
      name: 'snapback_7f3k_before',
      scope: 'shop',
      databases: ['shop'],
      taken_at: TAKEN_AT,
      table_count: 14,
      row_count: 1_204_331,
    })
    .intended('steps/migrate')
    .statement('steps/migrate', 0, { head: 'CREATE TABLE currencies (code CHAR(3) PRIMARY KEY)', durationMs: 31 })
    .statement('steps/migrate', 1, { head: 'ALTER TABLE orders ADD COLUMN currency CHAR(3)' })
    .add(
      {
        kind: 'interrupted',
        fault: fault(
          'INTERRUPTED',
          'interrupted by SIGINT while the server was still at work',
          'Run `snapback resume`, or `snapback rollback` to go back.',
        ),
      },
      2_500,
    );
}

/** Names and values that would do something if they were printed as they are. */
export const HOSTILE = {
  html: '<script>alert(1)</script>"\'&',
  markdown: 'a|b `c` [d](http://e) @everyone **f** www.evil.example',
  command: '::error file=x.ts::boo ##[error]boo',
  ansi: '\u001b[31mred\u001b[0m\u009b2J\u0007 tail\u202egpj.exe',
} as const;

/** A failed run in which every foreign text is one of the hostile ones. */
export function hostile(): JournalBuilder {
  const all = Object.values(HOSTILE).join('\n');
  return new JournalBuilder()
    .opened(HOSTILE.html, { vars: { evil: HOSTILE.html } })
    .intended('steps/migrate')
    .statement('steps/migrate', 0, { head: all })
    .settled('steps/migrate', 5, {
      kind: 'failed',
      fault: fault('STATEMENT_FAILED', all, HOSTILE.markdown),
      effect: 'none',
    })
    .failed('steps/check', 5, {
      fault: fault('CHECK_FAILED', 'failed'),
      effect: 'none',
      evidence: {
        kind: 'verify',
        checks: Object.values(HOSTILE).map((text) => {
          return { check: 'query', subject: text, passed: false, severity: 'error', expected: text, found: text };
        }),
      },
    })
    .verdict('failed-clean', all, 'steps/migrate');
}
