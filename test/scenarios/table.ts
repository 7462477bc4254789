// Scenarios as data: a plan, what is typed, and how it ends. Each says what it reaches; `scenarios.test.ts` runs them
// all on every engine, and fails when something that a plan can say, or that a run can end with, is reached by none.

import type { ServerEngine } from '../../src/servers/index.ts';

export interface Scenario {
  readonly name: string;
  readonly reaches: readonly string[];
  /** The plan below its `target`. */
  readonly plan: string;
  /** What is typed, one after the other; left out: `run plan.yaml`. */
  readonly commands?: readonly (readonly string[])[];
  /** Exit codes of the commands; null for a process that was killed. */
  readonly codes: readonly (number | null)[];
  readonly verdict?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Others are in the middle of a transaction that has changed a row of `orders`. */
  readonly hasWriter?: boolean;
  /** On which engines it says something; left out: on all. */
  readonly engines?: readonly ServerEngine[];
  /** Of the last verify step: what each check said, `orders` without its database. */
  readonly passed?: Readonly<Record<string, boolean>>;
}

const CHANGE = 'UPDATE customers SET name = UPPER(name)';
const WRONG = 'verify: { rows: { customers: 999 } }';
const SPARSE = '{ tables: [untouched], lock: none }';
const killer = (signal: string): string =>
  `[node, -e, "process.kill(process.ppid, '${signal}'); setTimeout(() => 0, 60000)"]`;

/** A module that breaks the program from inside, as a bug of it would. */
const BROKEN =
  "import crypto from 'node:crypto'; import { syncBuiltinESMExports } from 'node:module';" +
  " crypto.hash = () => { throw new TypeError('broken on purpose'); }; syncBuiltinESMExports();";

const ENDINGS: readonly Scenario[] = [
  {
    name: 'a change that is checked and right is committed',
    reaches: ['exit 0', 'verdict committed', 'severity error', 'on_failure rollback'],
    plan: `steps:\n  - snapshot: {}\n  - sql: ${CHANGE}\n  - verify: { rows: same }\n`,
    codes: [0],
    verdict: 'committed',
  },
  {
    name: 'a change that fails its check goes back',
    reaches: ['exit 4', 'verdict rolled-back'],
    plan: `steps:\n  - snapshot: {}\n  - sql: ${CHANGE}\n  - ${WRONG}\n`,
    codes: [4],
    verdict: 'rolled-back',
  },
  {
    name: 'what fails before anything is changed is failed clean',
    reaches: ['verdict failed-clean'],
    plan: `steps:\n  - snapshot: {}\n  - ${WRONG}\n  - sql: ${CHANGE}\n`,
    codes: [4],
    verdict: 'failed-clean',
  },
  {
    name: 'a rollback that cannot be completed is stuck',
    reaches: ['exit 5', 'verdict stuck'],
    plan: `steps:
  - id: before
    snapshot: {}
  - sql: ${CHANGE}
  - ${WRONG}
rollback:
  - restore: { snapshot: before }
  - ${WRONG}
`,
    codes: [5],
    verdict: 'stuck',
  },
  {
    name: 'a step that says stop leaves everything as it is',
    reaches: ['exit 11', 'verdict stopped', 'on_failure stop'],
    plan: `steps:\n  - snapshot: {}\n  - sql: ${CHANGE}\n  - ${WRONG}\n    on_failure: stop\n`,
    codes: [11],
    verdict: 'stopped',
  },
  {
    name: 'a step that says continue is recorded, and the run goes on',
    reaches: ['on_failure continue'],
    plan: `steps:\n  - snapshot: {}\n  - ${WRONG}\n    on_failure: continue\n  - sql: ${CHANGE}\n`,
    codes: [0],
    verdict: 'committed',
  },
  {
    name: 'an interruption leaves the run open, and a resume brings it to its end',
    reaches: ['exit 6'],
    plan: `steps:\n  - snapshot: {}\n  - sql: ${CHANGE}\n  - run: ${killer('SIGINT')}\n`,
    commands: [['run', 'plan.yaml'], ['resume']],
    codes: [6, 4],
    verdict: 'rolled-back',
  },
  {
    name: 'what only a person can tell is asked',
    reaches: ['exit 7'],
    plan: `steps:\n  - snapshot: {}\n  - id: change\n    run: ${killer('SIGKILL')}\n    in_doubt: ask\n`,
    commands: [['run', 'plan.yaml'], ['resume'], ['resume', '--settle', 'change=done']],
    codes: [null, 7, 0],
    verdict: 'committed',
  },
  {
    name: 'an open run keeps others out of its scope',
    reaches: ['exit 8'],
    plan: `steps:\n  - snapshot: {}\n  - run: ${killer('SIGKILL')}\n`,
    commands: [
      ['run', 'plan.yaml'],
      ['run', 'plan.yaml'],
    ],
    codes: [null, 8],
  },
  {
    name: 'a bug of the program itself is told as one',
    reaches: ['exit 1'],
    plan: `steps:\n  - snapshot: {}\n`,
    env: { NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(BROKEN)}` },
    codes: [1],
  },
  {
    name: 'a wrong command line is refused',
    reaches: ['exit 2'],
    plan: 'steps:\n  - snapshot: {}\n',
    commands: [['run', 'plan.yaml', '--no-such-flag']],
    codes: [2],
  },
  { name: 'a plan that is none is refused', reaches: ['exit 3'], plan: 'steps: []\n', codes: [3] },
  {
    name: 'a server that is not there is told before anything is done',
    reaches: ['exit 9'],
    plan: 'steps:\n  - snapshot: {}\n',
    env: { DATABASE_URL: 'mysql://root@127.0.0.1:1/shop' },
    codes: [9],
  },
  {
    name: 'a journal that cannot be written ends before anything is done',
    reaches: ['exit 12'],
    plan: 'steps:\n  - snapshot: {}\n',
    commands: [['run', 'plan.yaml', '--journal-dir', '/dev/null/runs']],
    codes: [12],
  },
];

const GUARDS: readonly Scenario[] = [
  {
    name: 'a plan that says nothing of writers tells of them when it takes a snapshot',
    reaches: ['guards.writers left out'],
    plan: `steps:\n  - snapshot: ${SPARSE}\n`,
    hasWriter: true,
    codes: [0],
  },
  {
    name: 'writers: warn tells of them and goes on',
    reaches: ['guards.writers warn'],
    plan: `guards: { writers: warn }\nsteps:\n  - snapshot: ${SPARSE}\n`,
    hasWriter: true,
    codes: [0],
  },
  {
    name: 'writers: ignore goes on',
    reaches: ['guards.writers ignore'],
    plan: `guards: { writers: ignore }\nsteps:\n  - snapshot: ${SPARSE}\n`,
    hasWriter: true,
    codes: [0],
  },
  {
    name: 'writers: refuse refuses',
    reaches: ['guards.writers refuse', 'exit 13'],
    plan: 'guards: { writers: refuse }\nsteps:\n  - snapshot: {}\n',
    hasWriter: true,
    codes: [13],
  },
  {
    name: 'a restore as wide as an account has to be allowed',
    reaches: ['guards.wide account'],
    plan: `steps:\n  - snapshot: { account: true }\n  - sql: ${CHANGE}\n`,
    codes: [13],
  },
  {
    name: 'a restore as wide as the cluster has to be allowed',
    reaches: ['guards.wide cluster'],
    plan: `guards: { wide: [account] }\nsteps:\n  - snapshot: { cluster: true }\n  - sql: ${CHANGE}\n`,
    codes: [13],
  },
  {
    name: 'a target that no pattern matches is refused',
    reaches: ['guards.url'],
    plan: `guards: { url: ["db-test-*"] }\nsteps:\n  - snapshot: {}\n`,
    codes: [13],
  },
  {
    name: 'a login that is not there cannot be locked out',
    reaches: ['quiesce.lock_users'],
    plan: 'quiesce: { lock_users: [nobody_of_that_name] }\nsteps:\n  - snapshot: {}\n',
    codes: [13],
  },
];

const CHANGES = `  - id: before
    snapshot: {}
  - sql: |
      INSERT INTO orders (customer_id, note) VALUES (1, 'one more'), (2, 'and one');
      DELETE FROM tags WHERE id = 3;
      INSERT INTO grown VALUES (4);
      DROP TABLE doomed;
      CREATE TABLE fresh (id INT PRIMARY KEY);
      CREATE TABLE new_name (id INT PRIMARY KEY);
      INSERT INTO new_name SELECT id FROM old_name
`;

const ROWS = ['same', 'exactly', 'changed-by', 'between', 'no-less', 'no-more', 'new', 'gone', 'same-as'];
const QUERIES = ['none', 'some', 'value', 'row', 'rows', 'rows ordered', 'count'];
const CHECKS = ['rows', 'query', 'unchanged', 'schema', 'matches'];

const EXPECTATIONS: readonly Scenario[] = [
  {
    name: 'every form of expectation passes where it is right',
    reaches: [
      ...ROWS.map((form) => `rows ${form} passes`),
      ...QUERIES.map((form) => `query ${form} passes`),
      ...CHECKS.map((check) => `${check} passes`),
    ],
    plan: `steps:
${CHANGES}  - id: after
    snapshot: {}
  - verify:
      since: before
      rows:
        customers: same
        untouched: 0
        orders: "+2"
        tags: { change: { min: -1, max: 0 } }
        fresh: new
        doomed: gone
        kept: { min: 1, max: 9 }
        more: no less
        less: no more
        grown: "+1"
        new_name: { same_as: old_name }
      unchanged: [customers]
      schema: { tables: [customers, orders] }
      queries:
        - { name: q none, sql: SELECT id FROM orders WHERE note IS NULL, expect: none }
        - { name: q some, sql: SELECT id FROM orders, expect: some }
        - { name: q value, sql: SELECT COUNT(*) FROM customers, expect: { value: 10 } }
        - { name: q row, sql: "SELECT id, name FROM customers WHERE id = 1", expect: { row: { name: customer 1 } } }
        - name: q rows
          sql: SELECT id FROM customers WHERE id < 3
          expect: { rows: [[2], [1]] }
        - name: q rows ordered
          sql: SELECT id FROM customers WHERE id < 3 ORDER BY id
          expect: { rows: [[1], [2]], ordered: true }
        - { name: q count, sql: SELECT id FROM customers, expect: { min: 1, max: 10 } }
      matches: after
`,
    codes: [0],
    verdict: 'committed',
  },
  {
    name: 'every form of expectation fails where it is wrong, all are told, and as warnings they let the run go on',
    reaches: [
      'severity warn',
      ...ROWS.map((form) => `rows ${form} fails`),
      ...QUERIES.map((form) => `query ${form} fails`),
      ...CHECKS.map((check) => `${check} fails`),
    ],
    plan: `steps:
${CHANGES}  - verify:
      severity: warn
      since: before
      rows:
        orders: same
        untouched: 5
        customers: "+2"
        tags: no less
        kept: { min: 5 }
        more: new
        less: gone
        fresh: { change: { min: 1 } }
        new_name: { same_as: customers }
        grown: no more
      unchanged: [orders]
      schema: { except: [customers] }
      queries:
        - { name: q none, sql: SELECT id FROM orders, expect: none }
        - { name: q some, sql: SELECT id FROM orders WHERE id < 0, expect: some }
        - { name: q value, sql: SELECT COUNT(*) FROM customers, expect: { value: 11 } }
        - { name: q row, sql: "SELECT id, name FROM customers WHERE id = 1", expect: { row: { name: nobody } } }
        - name: q rows
          sql: SELECT id FROM customers WHERE id < 3
          expect: { rows: [[2], [7]] }
        - name: q rows ordered
          sql: SELECT id FROM customers WHERE id < 3 ORDER BY id
          expect: { rows: [[2], [1]], ordered: true }
        - { name: q count, sql: SELECT id FROM customers, expect: { max: 9 } }
      matches: before
`,
    codes: [0],
    verdict: 'committed',
  },
  {
    name: 'a query with the result that it has on the snapshot passes',
    reaches: ['query same-as passes'],
    engines: ['mariadb', 'mysql'],
    plan: `steps:
  - id: before
    snapshot: {}
  - sql: ${CHANGE}
  - verify:
      queries:
        - { name: q same-as, database: DATABASE, sql: SELECT id FROM customers, expect: { same_as: before } }
`,
    codes: [0],
  },
  {
    name: 'a query with another result than it has on the snapshot goes back',
    reaches: ['query same-as fails'],
    plan: `steps:
  - id: before
    snapshot: {}
  - sql: ${CHANGE}
  - verify:
      queries:
        - { name: q same-as, database: DATABASE, sql: SELECT name FROM customers, expect: { same_as: before } }
`,
    codes: [4],
  },
];

/** What no scenario can reach on an engine, and why. */
export const OUT_OF_REACH: Readonly<Record<ServerEngine, Readonly<Record<string, string>>>> = {
  mariadb: {},
  mysql: {},
  matrixone: {
    'query same-as passes': 'a snapshot is read table by table, never by a whole query: the check fails and says so',
  },
};

export const SCENARIOS: readonly Scenario[] = [...ENDINGS, ...GUARDS, ...EXPECTATIONS];

/** What every scenario finds in its database, beside `customers` and `orders`. */
export const SEED = [
  'CREATE TABLE untouched (id INT PRIMARY KEY)',
  ...['tags', 'old_name', 'kept', 'more', 'less', 'grown', 'doomed'].flatMap((table) => [
    `CREATE TABLE ${table} (id INT PRIMARY KEY)`,
    `INSERT INTO ${table} VALUES (1), (2), (3)`,
  ]),
];
