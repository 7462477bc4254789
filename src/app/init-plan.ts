// `snapback init`: looks at a live database and writes the plan that protects its next migration.

import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { basename, dirname, extname, join, relative, resolve } from 'node:path';
import type { Engine, ScopePreview } from '../engines/index.ts';
import { Fault, invariant, newRunId } from '../kernel/index.ts';
import { literalText, writeName, writePlanText, type RawPlan } from '../plan/index.ts';
import type { AppContext } from './context.ts';
import { findMigrator, type Migrator } from './find-migrator.ts';
import { loadCompiled } from './load-compiled.ts';
import { withEngine } from './manage-snapshots.ts';
import { packageFile } from './package-files.ts';

/** What there is, before anything is asked. */
export interface InitFacts {
  /** `MariaDB 10.11 on db1:3306` */
  readonly server: string;
  /** Databases of people's, as the login sees them. */
  readonly databases: readonly string[];
  /** The one that the URL names. */
  readonly urlDatabase: string | undefined;
  readonly migrator: Migrator | undefined;
}

export interface InitWishes {
  readonly databases: readonly string[];
  /** The migration; undefined: a place is left for it. */
  readonly command: readonly string[] | string | undefined;
  readonly name: string | undefined;
}

export interface InitPlan {
  readonly text: string;
  readonly tableCount: number;
  readonly rowCount: number;
  /** What stands in the way of running it, one sentence part each. */
  readonly problems: readonly string[];
  readonly grants: readonly string[];
}

const SYSTEM = /^(?:information_schema|performance_schema|sys|system|system_metrics|mo_\w+|snapback|sb_\w+|mysql)$/i;

/** @throws {Fault} SERVER_UNREACHABLE, LOGIN_REFUSED, UNKNOWN_DATABASE, UNSUPPORTED_SERVER */
export function surveyForInit(url: string, context: AppContext): Promise<InitFacts> {
  return withEngine(url, context, async (engine) => {
    const { address, label, data } = engine;
    const now = { kind: 'now' } as const;
    const request = { sql: 'SHOW DATABASES', database: undefined, params: [], at: now, rowsMax: 10_000 };
    const { rows } = await data.query(request, context.signal);
    return {
      server: `${label} on ${address.host}:${address.port}`,
      databases: rows.map(([name]) => name ?? '').filter((name) => !SYSTEM.test(name)),
      urlDatabase: address.database,
      migrator: await findMigrator(context.cwd, address),
    };
  });
}

/**
 * The plan, and what the doctor says of it. Reads only.
 *
 * @throws {Fault} USAGE where no database is named; UNKNOWN_DATABASE, SNAPSHOT_REFUSED for one that is not there.
 */
export function writeInitPlan(
  request: { readonly url: string; readonly path: string; readonly facts: InitFacts; readonly wishes: InitWishes },
  context: AppContext,
): Promise<InitPlan> {
  const { url, path, facts, wishes } = request;
  const { databases } = wishes;
  if (databases.length === 0) {
    throw new Fault('USAGE', 'init: which database is it about?', {
      hint: 'End the URL with one, or add --databases a,b.',
    });
  }
  return withEngine(url, context, async (engine) => {
    const survey = await surveyOf(engine, databases, context);
    const target = resolve(context.cwd, path);
    const text = writePlanText(
      planOf(facts, wishes, { target, cwd: context.cwd }),
      commentsOf(facts, wishes, { survey, target }),
    );
    const missing = survey.missingRights.map((right) => `missing: ${right}`);
    return {
      text,
      tableCount: survey.tables.length,
      rowCount: survey.tables.reduce((sum, { rowCount }) => sum + rowCount, 0),
      problems: [...survey.refusals, ...missing],
      grants: survey.grants,
    };
  });
}

/** @throws {Fault} USAGE where a file of that name is there: to be known before anybody is asked anything. */
export function assertFree(path: string, { cwd }: Pick<AppContext, 'cwd'>): void {
  if (!existsSync(resolve(cwd, path))) return;
  throw new Fault('USAGE', `${path} is there already`, { hint: 'Add --force to replace it.' });
}

/** @throws {Fault} USAGE where it cannot be written, or a file of that name is there and may not be replaced. */
export async function saveInitPlan(
  { path, text, isForced }: { readonly path: string; readonly text: string; readonly isForced: boolean },
  { cwd, env }: AppContext,
): Promise<void> {
  const target = resolve(cwd, path);
  try {
    await writeFile(target, text, { flag: isForced ? 'w' : 'wx' });
  } catch (problem) {
    const { code = '' } = problem as NodeJS.ErrnoException;
    if (code === 'EEXIST') throw new Fault('USAGE', `${path} is there already`, { hint: 'Add --force to replace it.' });
    if (code === '') throw problem;
    throw new Fault('USAGE', `${path} cannot be written: ${code}`, { cause: problem });
  }
  const { compiled } = await loadCompiled({ path: target, env, vars: {}, purpose: 'validate' });
  invariant(compiled !== undefined, 'a plan that init writes is valid');
}

async function surveyOf(engine: Engine, databases: readonly string[], context: AppContext): Promise<ScopePreview> {
  const scope = { kind: 'databases', databases } as const;
  await engine.checkScope(scope, context.signal);
  return engine.previews.scope(scope, `sb_${newRunId(context.entropy)}_before`, context.signal);
}

const PLACEHOLDER = ['echo', 'the migration goes here'];

function planOf(
  { migrator, urlDatabase }: InitFacts,
  wishes: InitWishes,
  { target, cwd }: { readonly target: string; readonly cwd: string },
): RawPlan {
  const { databases, command = PLACEHOLDER, name } = wishes;
  const isDetected = migrator !== undefined && JSON.stringify(command) === JSON.stringify(migrator.command);
  const home = urlDatabase ?? databases[0] ?? '';
  const books = isDetected ? migrator.books.map((table) => `${writeName(home)}.${table}`) : [];
  const rows = [
    ...databases.map((database) => [literalText(`${writeName(database)}.*`), 'same'] as const),
    // Its own books grow with every migration.
    ...books.map((table) => [literalText(table), { min: 0 }] as const),
  ];
  const words = typeof command === 'string' ? command.replaceAll('${', () => '$${') : command.map(literalText);
  const extra = {
    ...(isDetected && migrator.env !== undefined ? { env: migrator.env } : {}),
    // A program starts in the folder of its plan; a migrator wants the one in which its files are.
    ...(dirname(target) === cwd ? {} : { cwd: asPath(relative(dirname(target), cwd)) }),
  };
  return {
    version: 1,
    name: name ?? planName(target),
    target: { url: '${env:DATABASE_URL}' },
    guards: { writers: 'warn' },
    steps: [
      { id: 'before', snapshot: { databases: databases.map(literalText) } },
      {
        id: 'migrate',
        run: Object.keys(extra).length === 0 ? words : { command: words, ...extra },
        timeout: '30m',
      },
      { id: 'check', verify: { rows: Object.fromEntries<'same' | { min: number }>(rows) } },
    ],
  };
}

function planName(target: string): string {
  const name = basename(target, extname(target)).replace(/[^\w.-]+/g, '-');
  return name === '' || name === 'plan' ? 'upgrade' : name.slice(0, 60);
}

function commentsOf(
  { server, migrator }: InitFacts,
  { databases, command }: InitWishes,
  { survey, target }: { readonly survey: ScopePreview; readonly target: string },
): readonly string[] {
  const { tables, objects } = survey;
  const kinds = Object.entries(objects).map(([kind, count]) => `${count} ${kind}${count === 1 ? '' : 's'}`);
  const how =
    migrator !== undefined && command === migrator.command
      ? `${migrator.found} was found: the migration is ${migrator.name}'s.`
      : undefined;
  const place =
    command === undefined ? 'Put your migration into the step `migrate`: a program, or `sql: { file: .. }`.' : how;
  return [
    `Protects ${databases.join(', ')}: a snapshot, the migration, the checks; back again, proven, if anything fails.`,
    `Written for ${server}: ${[`${tables.length} tables`, ...kinds].join(', ')}.`,
    ...(place === undefined ? [] : [place]),
    `Try it with: snapback run ${basename(target)} --dry-run`,
    `yaml-language-server: $schema=${schemaFrom(dirname(target))}`,
  ];
}

/** Where an editor finds the schema: in the project's own dependencies, else in the package that runs. */
function schemaFrom(folder: string): string {
  const file = join('schemas', 'plan.v1.schema.json');
  const own = packageFile(file);
  for (let at = folder; ; at = dirname(at)) {
    const installed = join(at, 'node_modules', 'snapback-db', file);
    if (existsSync(installed)) return asPath(relative(folder, installed));
    if (at === dirname(at)) break;
  }
  const near = asPath(relative(folder, own));
  return near.startsWith('../../../') ? asPath(own) : near;
}

function asPath(path: string): string {
  const plain = path.replaceAll('\\', '/');
  return /^(?:\.|\/|\w:)/.test(plain) ? plain : `./${plain}`;
}
