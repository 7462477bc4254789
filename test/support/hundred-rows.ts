// The scenario of the first promise: a table of 100 rows and a migration that may lose ten of them.

import { createDatabase, runStatements, type TestServer } from './servers.ts';

const hundred = (row: (n: number) => string): string => Array.from({ length: 100 }, (_, n) => row(n)).join(', ');

export const SEED = [
  'CREATE TABLE customers (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, name VARCHAR(40) NOT NULL)',
  `INSERT INTO customers (name) VALUES ${Array.from({ length: 10 }, (_, n) => `('customer ${n + 1}')`).join(', ')}`,
  `CREATE TABLE orders (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, customer_id INT NOT NULL, note VARCHAR(40),
     CONSTRAINT order_of FOREIGN KEY (customer_id) REFERENCES customers (id))`,
  `INSERT INTO orders (customer_id, note) VALUES ${hundred((n) => `(${(n % 10) + 1}, 'order ${n + 1}')`)}`,
];

export async function hundredRows(server: TestServer): Promise<{ readonly name: string; readonly url: string }> {
  const database = await createDatabase(server, 'shop');
  await runStatements(database.url, SEED);
  return database;
}

/** Adds a column; `fault` is what the author did not mean. */
export function upgradePlan(fault: string | undefined): Record<string, string> {
  const lines = ['ALTER TABLE orders ADD COLUMN currency CHAR(3)', `UPDATE orders SET currency = 'EUR'`];
  if (fault !== undefined) lines.push(fault);
  return {
    'migrate.sql': `${lines.join(';\n')};\n`,
    'plan.yaml': `version: 1
name: add-currency
target:
  url: \${env:DATABASE_URL}
steps:
  - id: before
    snapshot: {}
  - id: migrate
    sql: { file: migrate.sql }
  - id: check
    verify:
      rows: same
      queries:
        - name: every order has a currency
          sql: SELECT id FROM orders WHERE currency IS NULL
          expect: none
`,
  };
}

/** Three changes that need one another, in one transaction: doing one of them twice, or leaving one out, shows. */
export function countingPlan(): Record<string, string> {
  const change = "UPDATE orders SET note = CONCAT(note, '+')";
  const statements = [change, change, change].join('; ');
  return {
    'plan.yaml': `version: 1
name: counting
target:
  url: \${env:DATABASE_URL}
steps:
  - id: before
    snapshot: {}
  - id: migrate
    sql: "${statements}"
  - id: check
    verify:
      queries:
        - name: every change was made once
          sql: SELECT id FROM orders WHERE note NOT LIKE 'order %+++' OR note LIKE '%++++'
          expect: none
`,
  };
}

export const LOSES_TEN = 'DELETE FROM orders WHERE id > 90';
