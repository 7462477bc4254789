// What a snapshot by copying refuses or declares: a line without a trial for each of its servers does not compile. What
// a restore refuses stands in copying-refusals.test.ts, what a login may not do in copying-rights.test.ts.

import { expect, onTestFinished, test } from 'vitest';
import type { Connector } from '../../src/engines/wire/connector.ts';
import type { SnapshotSpec } from '../../src/engines/index.ts';
import {
  createDatabase,
  databaseUrl,
  describeEachEngine,
  freshDatabase,
  logicalDump,
  openClient,
  runStatements,
  type TestServer,
} from '../support/servers.ts';
import { demandingPrimaryKeys } from './demanding-connector.ts';
import { catching, connectorTo, databaseScope, effect, openStore, specOf, storeOn } from './store-on.ts';

type Engine = 'mariadb' | 'mysql';

interface Trial {
  /** `other` is a name that no other test uses, for storage that is shared by all databases. */
  readonly build: (names: { readonly db: string; readonly other: string }) => readonly string[];
  /** What the fault or the declaration says; `<db>` and `<other>` stand for the names. */
  readonly says: readonly string[];
  readonly outcome: 'refused' | 'declared';
  readonly spec?: Partial<SnapshotSpec>;
  /** Takes the snapshot with a login that has everything on this database, and nothing else. */
  readonly asOrdinaryLogin?: true;
  readonly through?: (connector: Connector) => Connector;
  /** Statements of another session, which stays open meanwhile. */
  readonly meanwhile?: (names: { readonly db: string; readonly other: string }) => readonly string[];
  readonly code?: 'LOCK_WAIT';
}

type On<Servers extends Engine> = Readonly<Record<Servers, Trial>>;

/** All there is to refuse or to declare when a snapshot is taken, and where it can be found. */
interface Lines {
  readonly 'history of transaction-precise versioning': On<'mariadb'>;
  readonly 'definers under whom the login could create nothing again': On<Engine>;
  readonly 'definitions that the login may not read': On<Engine>;
  readonly 'views that are invalid now': On<Engine>;
  readonly 'foreign keys from outside': On<Engine>;
  readonly 'storage of other tables': On<Engine>;
  readonly 'storage in folders and tablespaces': On<Engine>;
  readonly 'sequences with a cache': On<'mariadb'>;
  readonly 'tables without the primary key that the server demands': On<'mysql'>;
  readonly 'tables without transactions under a brief lock': On<Engine>;
  readonly 'writers that do not end': On<Engine>;
  readonly 'more than max_copy': On<Engine>;
  readonly 'bodies in a character set that our sessions do not speak': On<Engine>;
  readonly 'tables of computed columns alone': On<Engine>;
  readonly 'rows that the server takes no second time': On<'mysql'>;
  readonly libraries: On<'mysql'>;
}

const onBoth = (trial: Trial): On<Engine> => ({ mariadb: trial, mysql: trial });
const PLAIN = '(id INT PRIMARY KEY, v INT)';
const plain = ({ db }: { readonly db: string }): readonly string[] => [`CREATE TABLE ${db}.t ${PLAIN}`];

const DEFINERS: Trial = {
  build: ({ db }) => [
    ...plain({ db }),
    `CREATE VIEW ${db}.vw AS SELECT id FROM ${db}.t`,
    `CREATE TRIGGER ${db}.tr BEFORE INSERT ON ${db}.t FOR EACH ROW SET @a = 1`,
    `CREATE EVENT ${db}.ev ON SCHEDULE EVERY 1 DAY STARTS '2038-01-01' DO SELECT 1`,
  ],
  says: ['view <db>.vw', 'trigger <db>.tr', 'event <db>.ev'].map(
    (what) => `cannot create ${what} again as DEFINER root@`,
  ),
  outcome: 'refused',
  asOrdinaryLogin: true,
};

const LINES: Lines = {
  'history of transaction-precise versioning': {
    mariadb: {
      build: ({ db }) => [
        `CREATE TABLE ${db}.t (id INT PRIMARY KEY, s BIGINT UNSIGNED GENERATED ALWAYS AS ROW START,
           e BIGINT UNSIGNED GENERATED ALWAYS AS ROW END, PERIOD FOR SYSTEM_TIME (s, e)) WITH SYSTEM VERSIONING`,
      ],
      says: ['table <db>.t uses transaction-precise system versioning; its history cannot be copied by SQL'],
      outcome: 'refused',
    },
  },
  'definers under whom the login could create nothing again': onBoth(DEFINERS),
  'definitions that the login may not read': onBoth({
    build: ({ db }) => [
      `CREATE PROCEDURE ${db}.pr() SELECT 1`,
      `CREATE FUNCTION ${db}.fn() RETURNS INT NO SQL RETURN 1`,
    ],
    says: ['procedure <db>.pr', 'function <db>.fn'].map((what) => `no right to read the definition of ${what}`),
    outcome: 'refused',
    asOrdinaryLogin: true,
  }),
  'views that are invalid now': onBoth({
    build: ({ db }) => [...plain({ db }), `CREATE VIEW ${db}.vw AS SELECT id FROM ${db}.t`, `DROP TABLE ${db}.t`],
    says: ['view <db>.vw is invalid now; it can be kept but not created again if it is dropped'],
    outcome: 'declared',
  }),
  'foreign keys from outside': onBoth({
    build: ({ db, other }) => [
      `CREATE TABLE ${db}.p (id INT PRIMARY KEY)`,
      `CREATE DATABASE ${other}`,
      `CREATE TABLE ${other}.c (id INT PRIMARY KEY, CONSTRAINT ab FOREIGN KEY (id) REFERENCES ${db}.p (id))`,
    ],
    says: ['<other>.c references <db>.p (ab): after a restore its rows are checked, not changed'],
    outcome: 'declared',
  }),
  'storage of other tables': onBoth({
    build: ({ db }) => [
      `CREATE TABLE ${db}.one (id INT) ENGINE=MyISAM`,
      `CREATE TABLE ${db}.t (id INT) ENGINE=MERGE UNION=(${db}.one)`,
    ],
    says: ['storage of table <db>.t lies outside the database (engine MRG_'],
    outcome: 'refused',
  }),
  'storage in folders and tablespaces': {
    mariadb: {
      build: ({ db, other }) => [`CREATE TABLE ${db}.${other} (id INT) ENGINE=MyISAM DATA DIRECTORY='/tmp'`],
      says: ['storage of table <db>.<other> lies outside the database'],
      outcome: 'refused',
    },
    mysql: {
      build: ({ db, other }) => [
        `CREATE TABLESPACE ${other} ADD DATAFILE '${other}.ibd'`,
        `CREATE TABLE ${db}.t ${PLAIN} TABLESPACE ${other}`,
      ],
      says: ['storage of table <db>.t lies outside the database'],
      outcome: 'refused',
    },
  },
  'sequences with a cache': {
    mariadb: {
      build: ({ db }) => [`CREATE SEQUENCE ${db}.sq CACHE 10`],
      says: ['sequence <db>.sq may skip up to 10 values after a restore'],
      outcome: 'declared',
    },
  },
  'tables without the primary key that the server demands': {
    mysql: {
      build: ({ db }) => [`CREATE TABLE ${db}.t (id INT)`],
      says: ['the server demands primary keys; table <db>.t cannot be copied'],
      outcome: 'refused',
      through: demandingPrimaryKeys,
    },
  },
  'tables without transactions under a brief lock': onBoth({
    build: ({ db }) => [`CREATE TABLE ${db}.t (id INT PRIMARY KEY) ENGINE=MyISAM`],
    says: ['`lock: brief` needs InnoDB, and table <db>.t is MyISAM: use `lock: held`'],
    outcome: 'refused',
    spec: { lock: 'brief' },
  }),
  'writers that do not end': onBoth({
    build: plain,
    meanwhile: ({ db }) => ['BEGIN', `INSERT INTO ${db}.t VALUES (1, 1)`],
    says: ['for writers of <db>.t to end'],
    outcome: 'refused',
    code: 'LOCK_WAIT',
    spec: { maxStallMs: 1_100 },
  }),
  'more than max_copy': onBoth({
    build: ({ db }) => [...plain({ db }), `INSERT INTO ${db}.t VALUES (1, 1)`],
    says: ['the tables hold ', ', and `max_copy` allows 1 bytes'],
    outcome: 'refused',
    spec: { maxCopyBytes: 1 },
  }),
  'bodies in a character set that our sessions do not speak': onBoth({
    build: ({ db }) => ['SET NAMES latin1', `CREATE PROCEDURE ${db}.pr() SELECT 'ä'`, 'SET NAMES utf8mb4'],
    says: ['procedure <db>.pr was made under character set latin1 and holds more than ASCII'],
    outcome: 'refused',
  }),
  'tables of computed columns alone': onBoth({
    build: ({ db }) => [`CREATE TABLE ${db}.t (a INT AS (1))`],
    says: ['table <db>.t has only computed columns'],
    outcome: 'refused',
  }),
  'rows that the server takes no second time': {
    mysql: {
      build: ({ db }) => [
        `CREATE TABLE ${db}.t (id INT PRIMARY KEY, x VECTOR(3) NOT NULL)`,
        `INSERT IGNORE INTO ${db}.t (id) VALUES (1)`,
      ],
      says: ['the rows of table <db>.t cannot be copied: ', "cannot be converted to 'vector' type"],
      outcome: 'refused',
    },
  },
  libraries: {
    mysql: {
      build: ({ db }) => [`CREATE LIBRARY ${db}.lib LANGUAGE JAVASCRIPT AS 'export function f() { return 1 }'`],
      says: ['library <db>.lib is of a kind that is not kept'],
      outcome: 'refused',
    },
  },
};

async function ordinaryLogin(server: TestServer, db: string): Promise<string> {
  const user = freshDatabase('u');
  onTestFinished(() => runStatements(server.url, [`DROP USER '${user}'@'%'`]));
  const databases = [`${db}.*`, '`snapback`.*', '`sb\\_%`.*'];
  await runStatements(server.url, [
    `CREATE USER '${user}'@'%' IDENTIFIED BY 'x'`,
    ...databases.map((on) => `GRANT ALL ON ${on} TO '${user}'@'%'`),
  ]);
  const url = new URL(server.url);
  [url.username, url.password] = [user, 'x'];
  return url.href;
}

/** Databases come after what stands in them, and a tablespace after both. */
async function clearAway(server: TestServer, other: string): Promise<void> {
  const spaces = server.engine === 'mysql' ? [`DROP TABLESPACE ${other}`] : [];
  await runStatements(server.url, [`DROP DATABASE IF EXISTS ${other}`]);
  for (const statement of spaces) {
    await runStatements(server.url, [statement]).catch((error: unknown) => {
      if (!/doesn't exist/.test(String(error))) throw error;
    });
  }
}

async function tryLine(server: TestServer, trial: Trial): Promise<void> {
  const other = freshDatabase('other');
  onTestFinished(() => clearAway(server, other));
  const { name: db } = await createDatabase(server, 'refused');
  onTestFinished(() => runStatements(server.url, [`DROP DATABASE IF EXISTS ${other}`]));
  await runStatements(server.url, ["SET sql_mode = ''", ...trial.build({ db, other })]);
  const url = trial.asOrdinaryLogin === true ? await ordinaryLogin(server, db) : server.url;
  const connector = (trial.through ?? ((inner) => inner))(connectorTo(url));
  onTestFinished(() => connector.closeAll());
  const { snapshots } = await storeOn(server, connector);
  const spec = specOf(databaseScope(db), trial.spec);
  const before = await logicalDump(server.url, [db]);
  const writer = await openClient(databaseUrl(server.url, db));
  for (const statement of trial.meanwhile?.({ db, other }) ?? []) await writer.query(statement);
  const says = trial.says.map((text) => text.replaceAll('<db>', db).replaceAll('<other>', other));
  if (trial.outcome === 'declared') {
    await writer.close();
    const { declared } = await snapshots.create(spec, effect());
    await snapshots.drop(spec.name, effect());
    expect(declared).toEqual(says);
    return;
  }
  const fault = await catching(snapshots.create(spec, effect()));
  await writer.close();
  const missing = says.filter((text) => !fault.message.includes(text));
  expect({ code: fault.code, missing }, fault.message).toEqual({ code: trial.code ?? 'SNAPSHOT_REFUSED', missing: [] });
  const admin = await openStore(server);
  expect(await admin.snapshots.find(spec.name, effect().signal)).toEqual(undefined);
  expect(await logicalDump(server.url, [db])).toEqual(before);
}

describeEachEngine(
  (server) => {
    const engine: Engine = server.engine === 'mysql' ? 'mysql' : 'mariadb';
    const lines = Object.entries({ ...LINES } as Readonly<Record<string, Partial<On<Engine>>>>).flatMap(
      ([line, trials]) => {
        const trial = trials[engine];
        return trial === undefined ? [] : [{ line, trial }];
      },
    );

    test.each(lines)('$trial.outcome by name, and nothing is changed: $line', async ({ trial }) => {
      await tryLine(server, trial);
    });
  },
  { engines: ['mariadb', 'mysql'] },
);
