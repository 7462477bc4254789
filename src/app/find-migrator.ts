// Which migrator a folder belongs to, by the files that it keeps there, and how it is run against DATABASE_URL.

import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface Migrator {
  readonly name: string;
  /** What was found, for people. */
  readonly found: string;
  /** As `run` takes it: words, or one line for a shell. */
  readonly command: readonly string[] | string;
  /** What the program wants beside DATABASE_URL. */
  readonly env?: Readonly<Record<string, string>>;
  /** Tables in which it keeps its own books; `*` stands for any run of characters. */
  readonly books: readonly string[];
}

/** Where the server is, for those that read no URL of its form. */
export interface Place {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly database: string | undefined;
}

/** The first that is found, those with a file of their own name before those with a folder that others have, too. */
export async function findMigrator(folder: string, place: Place): Promise<Migrator | undefined> {
  const files = await lookIn(folder);
  for (const look of LOOKS) {
    const found = await look(files, place);
    if (found !== undefined) return found;
  }
  return undefined;
}

interface Files {
  /** The first of these patterns that some path here matches, with that path; depth is bounded by the patterns. */
  readonly first: (...patterns: readonly RegExp[]) => string | undefined;
  readonly text: (path: string) => Promise<string>;
  readonly hasProgram: (name: string) => boolean;
}

type Look = (files: Files, place: Place) => Migrator | undefined | Promise<Migrator | undefined>;

const LOOKS: readonly Look[] = [prisma, drizzle, rails, liquibase, flyway, dbmate, golangMigrate, knex];

function prisma({ first }: Files): Migrator | undefined {
  const found = first(/^(?:prisma\/)?schema\.prisma$/, /^prisma\/migrations\/$/, /^prisma\.config\.[cm]?[jt]s$/);
  if (found === undefined) return undefined;
  return { name: 'prisma', found, command: ['npx', 'prisma', 'migrate', 'deploy'], books: ['_prisma_migrations'] };
}

function drizzle({ first }: Files): Migrator | undefined {
  const found = first(/^drizzle\.config\.(?:[cm]?[jt]s|json)$/, /^drizzle\/meta\/_journal\.json$/);
  if (found === undefined) return undefined;
  return { name: 'drizzle', found, command: ['npx', 'drizzle-kit', 'migrate'], books: ['__drizzle_migrations'] };
}

function rails({ first }: Files): Migrator | undefined {
  const found = first(/^db\/migrate\/\d+_\w+\.rb$/, /^config\/application\.rb$/);
  if (found === undefined) return undefined;
  const books = ['schema_migrations', 'ar_internal_metadata'];
  return { name: 'rails', found, command: ['bin/rails', 'db:migrate'], books };
}

const CHANGELOG = new RegExp(
  '^(?:(?:db|src/main/resources/db)/)?(?:changelog/)?' +
    String.raw`(?:db\.)?changelog(?:[-.](?:master|root))?\.(?:xml|ya?ml|json|sql)$`,
);

async function liquibase({ first, text }: Files, { host, port, user, database }: Place): Promise<Migrator | undefined> {
  const properties = first(/^liquibase\.properties$/);
  const changelog = first(CHANGELOG);
  const found = properties ?? changelog;
  if (found === undefined) return undefined;
  const isNamed = properties !== undefined && /^\s*change-?log-?file\s*[:=]/im.test(await text(properties));
  const file = isNamed || changelog === undefined ? [] : [`--changelog-file=${changelog}`];
  return {
    name: 'liquibase',
    found,
    command: ['liquibase', ...file, 'update'],
    env: {
      LIQUIBASE_COMMAND_URL: `jdbc:mysql://${host}:${port}/${database ?? ''}`,
      LIQUIBASE_COMMAND_USERNAME: user,
      LIQUIBASE_COMMAND_PASSWORD: '${env:LIQUIBASE_COMMAND_PASSWORD:-}',
    },
    books: ['DATABASECHANGELOG*'],
  };
}

function flyway({ first }: Files, { host, port, user, database }: Place): Migrator | undefined {
  const config = first(/^(?:conf\/)?flyway\.(?:conf|toml)$/);
  const script = first(/^(?:(?:src\/main\/resources\/)?db\/migration|sql|migrations)\/[VRB]\d*[\w.]*__.*\.sql$/);
  const found = config ?? script;
  if (found === undefined) return undefined;
  const folder = script?.slice(0, script.lastIndexOf('/'));
  const places = config !== undefined || folder === undefined ? [] : [`-locations=filesystem:${folder}`];
  return {
    name: 'flyway',
    found,
    command: ['flyway', ...places, 'migrate'],
    env: {
      FLYWAY_URL: `jdbc:mysql://${host}:${port}/${database ?? ''}`,
      FLYWAY_USER: user,
      FLYWAY_PASSWORD: '${env:FLYWAY_PASSWORD:-}',
    },
    books: ['flyway_schema_history'],
  };
}

async function dbmate({ first, text, hasProgram }: Files): Promise<Migrator | undefined> {
  const found = first(/^db\/migrations\/\d+_.*\.sql$/, /^(?:migrations|sql)\/\d+_.*\.sql$/);
  if (found === undefined || !/^--\s*migrate:up\b/m.test(await text(found))) return undefined;
  const folder = found.slice(0, found.lastIndexOf('/'));
  const program = hasProgram('dbmate') ? ['npx', 'dbmate'] : ['dbmate'];
  const where = folder === 'db/migrations' ? [] : ['--migrations-dir', folder];
  return {
    name: 'dbmate',
    found,
    command: [...program, ...where, '--no-dump-schema', 'up'],
    books: ['schema_migrations'],
  };
}

/** It has a form of its own for the server's address. */
function golangMigrate({ first }: Files): Migrator | undefined {
  const found = first(/^(?:(?:db|sql|database)\/)?migrations?\/\d+_.*\.up\.sql$/);
  if (found === undefined) return undefined;
  const folder = found.slice(0, found.lastIndexOf('/'));
  const address = `$(printf %s "$DATABASE_URL" | sed -E 's#@([^/]+)/#@tcp(\\1)/#')`;
  const command = `migrate -path ${folder} -database "${address}" up`;
  return { name: 'golang-migrate', found, command, books: ['schema_migrations'] };
}

function knex({ first }: Files): Migrator | undefined {
  const found = first(/^knexfile\.[cm]?[jt]s$/);
  if (found === undefined) return undefined;
  return { name: 'knex', found, command: ['npx', 'knex', 'migrate:latest'], books: ['knex_migrations*'] };
}

/** Folders that migrators use; no other is looked into. */
const FOLDERS = [
  '',
  'prisma',
  'prisma/migrations',
  'drizzle',
  'drizzle/meta',
  'config',
  'conf',
  'changelog',
  'db',
  'db/changelog',
  'db/migrate',
  'db/migration',
  'db/migrations',
  'database/migrations',
  'migrations',
  'migration',
  'sql',
  'sql/migrations',
  'src/main/resources/db/changelog',
  'src/main/resources/db/migration',
  'node_modules/.bin',
];

async function lookIn(folder: string): Promise<Files> {
  const paths: string[] = [];
  for (const inside of FOLDERS) {
    for (const name of await namesIn(join(folder, inside))) paths.push(inside === '' ? name : `${inside}/${name}`);
  }
  return {
    first: (...patterns) => {
      for (const pattern of patterns) {
        const path = paths.find((one) => pattern.test(one));
        if (path !== undefined) return path;
      }
      return undefined;
    },
    text: (path) => readFile(join(folder, path), 'utf8'),
    hasProgram: (name) => paths.includes(`node_modules/.bin/${name}`),
  };
}

/** Sorted, folders with a slash; none where there is no such folder. */
async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries.map((entry) => (entry.isDirectory() ? `${entry.name}/` : entry.name)).sort();
  } catch (problem) {
    const code = (problem as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EACCES') return [];
    throw problem;
  }
}
