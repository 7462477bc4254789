// Whether the objects of the scope could be created again later: tried out with small ones, in the shadow database.

import { Fault } from '../../../kernel/index.ts';
import type { Session } from '../../port.ts';
import { serverErrorOf } from '../../wire/errors.ts';
import { quoteName, quoteTable, quoteText } from '../../wire/quote.ts';
import { heldRights, missingOn } from '../grants.ts';
import { foreignKeysByName } from './compare-definitions.ts';
import { foreignKeyTarget } from './create-table-text.ts';
import { databasesIn, type Extent } from './extent.ts';
import type { Lack } from './grant-script.ts';
import { labelOf, tablesOf, type StoredObject } from './model.ts';
import { records, textOf } from './result-rows.ts';
import type { FamilyServer } from './session-pins.ts';

type ProbedKind = 'view' | 'trigger' | 'function' | 'procedure' | 'event';

interface Probe {
  readonly kind: ProbedKind;
  /** As it stands in the definition: `` `app`@`%` ``. */
  readonly definer: string;
  readonly objects: readonly StoredObject[];
}

const NOBODY = '`snapback probe`';

/**
 * Whether the databases that are there can be seen whole and put back, single tables with their triggers: asked with
 * names that are not there, for the server looks at rights first. What a login may not see it is not shown, and would
 * be missing in silence.
 */
export async function probeDatabases(
  server: FamilyServer,
  session: Session,
  { databases, tables }: Extent,
  signal: AbortSignal,
): Promise<readonly Lack[]> {
  const all = databasesIn({ databases, tables });
  if (all.length === 0 || (await isAllPowerful(server, session, signal))) return [];
  const lacks: Lack[] = [];
  for (const database of all) {
    const name = `${quoteName(database)}.${NOBODY}`;
    const questions = [
      `RENAME TABLE ${name} TO ${quoteName(database)}.\`snapback probe 2\``,
      `CREATE TRIGGER ${name} BEFORE INSERT ON ${name} FOR EACH ROW SET @one = 1`,
    ];
    if (databases.includes(database)) {
      questions.push(
        `CREATE VIEW ${name} AS SELECT 1 AS one FROM ${name}`,
        `DROP PROCEDURE ${name}`,
        `DROP EVENT ${name}`,
      );
    }
    const refusals = [];
    for (const question of questions) refusals.push(await refusedRight(session, question, signal));
    if (await lacksTrigger(session, database, signal)) refusals.push(`TRIGGER is not among its grants`);
    for (const said of new Set(refusals)) {
      if (said === undefined) continue;
      const reason = `no right to see and put back all of database ${database}: ${said}`;
      lacks.push({ reason, need: { kind: 'database', database } });
    }
  }
  return lacks;
}

/** Read from its grants: who may make no trigger for the sake of the binary log (1419) is not told of more. */
async function lacksTrigger(session: Session, database: string, signal: AbortSignal): Promise<boolean> {
  const { rows } = await session.query('SELECT CURRENT_ROLE()', { signal });
  const hasRole = rows[0]?.[0] !== null && rows[0]?.[0] !== 'NONE'; // a role's rights do not stand there
  return !hasRole && missingOn(await heldRights(session, signal), database, ['TRIGGER']).length > 0;
}

/** The server's words where a right is missing; whether triggers may be made at all (1419) is tried out later. */
async function refusedRight(session: Session, sql: string, signal: AbortSignal): Promise<string | undefined> {
  try {
    await session.query(sql, { signal });
  } catch (error) {
    if (!(error instanceof Fault) || !['PRIVILEGE_MISSING', 'STATEMENT_FAILED'].includes(error.code)) throw error;
    if (error.code === 'PRIVILEGE_MISSING' && !isAboutBinaryLog(error)) return error.message;
  }
  return undefined;
}

/** 1419: a trigger or function by somebody without SUPER; 1418: a function that does not say what it does. */
function isAboutBinaryLog(fault: Fault): boolean {
  return [1418, 1419].includes(serverErrorOf(fault)?.errno ?? 0);
}

/** The reasons why something could not be created again; empty where all is well. */
export async function probeRights(
  server: FamilyServer,
  session: Session,
  objects: readonly StoredObject[],
  shadow: string,
  signal: AbortSignal,
): Promise<readonly Lack[]> {
  const vague = await vagueFunctions(session, objects, signal);
  if (await isAllPowerful(server, session, signal)) return vague;
  return [
    ...vague,
    ...(await probeRoutines(session, objects, signal)),
    ...(await probeForeignKeys(session, objects, shadow, signal)),
    ...(await probeDefiners(session, objects, shadow, signal)),
  ];
}

/** Asked with the name of a routine that is there: who may create one is told that, who may not is told so first. */
async function probeRoutines(
  session: Session,
  objects: readonly StoredObject[],
  signal: AbortSignal,
): Promise<readonly Lack[]> {
  const asked = new Map<string, string>();
  for (const { kind, database, name } of objects) {
    if (kind === 'procedure') asked.set(database, `PROCEDURE ${quoteTable({ database, table: name })}() SET @one = 1`);
    else if (kind === 'function' && !asked.has(database)) {
      const place = quoteTable({ database, table: name });
      asked.set(database, `FUNCTION ${place}() RETURNS INT DETERMINISTIC NO SQL RETURN 1`);
    }
  }
  const lacks: Lack[] = [];
  for (const [database, routine] of asked) {
    const said = await refusedRight(session, `CREATE ${routine}`, signal);
    if (said === undefined) continue;
    const reason = `no right to put back all of database ${database}: ${said}`;
    lacks.push({ reason, need: { kind: 'database', database } });
  }
  return lacks;
}

/** MySQL lets a foreign key point only where the login has REFERENCES. With the checks off its table may be missing. */
async function probeForeignKeys(
  session: Session,
  objects: readonly StoredObject[],
  shadow: string,
  signal: AbortSignal,
): Promise<readonly Lack[]> {
  const parents = new Set(
    tablesOf(objects).flatMap((table) =>
      [...foreignKeysByName(table).values()].map((item) => foreignKeyTarget(item, table.database).database),
    ),
  );
  const probe = `${quoteName(shadow)}.probe_reference`;
  const lacks: Lack[] = [];
  for (const database of parents) {
    const parent = `${quoteName(database)}.${NOBODY}`;
    const create = `CREATE TABLE ${probe} (id INT PRIMARY KEY, FOREIGN KEY (id) REFERENCES ${parent} (id))`;
    const said = await refusedRight(session, create, signal);
    await session.query(`DROP TABLE IF EXISTS ${probe}`, { signal });
    if (said === undefined) continue;
    const reason = `no right to put back foreign keys that point into database ${database}: ${said}`;
    lacks.push({ reason, need: { kind: 'references', database } });
  }
  return lacks;
}

async function probeDefiners(
  session: Session,
  objects: readonly StoredObject[],
  shadow: string,
  signal: AbortSignal,
): Promise<readonly Lack[]> {
  const probes = probesFor(objects);
  if (probes.length === 0) return [];
  const database = quoteName(shadow);
  await session.query(`CREATE TABLE ${database}.probe_rights (id INT PRIMARY KEY)`, { signal });
  const lacks: Lack[] = [];
  for (const probe of probes) {
    try {
      await session.query(probeSql(probe, database), { signal });
      await session.query(`DROP ${probe.kind.toUpperCase()} ${database}.probe_it`, { signal });
    } catch (error) {
      if (!(error instanceof Fault) || !['PRIVILEGE_MISSING', 'STATEMENT_FAILED'].includes(error.code)) throw error;
      lacks.push(...probe.objects.map((object) => lackOf(object, probe, error)));
    }
  }
  await session.query(`DROP TABLE ${database}.probe_rights`, { signal });
  return lacks;
}

/** 1418 strikes administrators too: with a binary log, a function must say that it is harmless to replicas. */
async function vagueFunctions(
  session: Session,
  objects: readonly StoredObject[],
  signal: AbortSignal,
): Promise<readonly Lack[]> {
  const functions = new Map(objects.flatMap((one) => (one.kind === 'function' ? [[labelOf(one), one] as const] : [])));
  if (functions.size === 0) return [];
  const { rows } = await session.query('SELECT @@log_bin AND NOT @@log_bin_trust_function_creators', { signal });
  if (rows[0]?.[0] !== '1') return [];
  const schemas = [...new Set([...functions.values()].map(({ database }) => quoteText(database)))];
  const vague = await session.query(
    `SELECT routine_schema, routine_name FROM information_schema.routines
     WHERE routine_schema IN (${schemas.join(', ')}) AND routine_type = 'FUNCTION'
     AND is_deterministic = 'NO' AND sql_data_access IN ('CONTAINS SQL', 'MODIFIES SQL DATA')`,
    { signal },
  );
  return records(vague, ['database', 'name'])
    .map(({ database, name }) => `${textOf(database)}.${textOf(name)}`)
    .filter((label) => functions.has(label))
    .map((label) => ({
      reason: `cannot create function ${label} again: it says neither DETERMINISTIC, NO SQL nor READS SQL DATA (1418)`,
      need: { kind: 'function-creators' },
    }));
}

function lackOf(object: StoredObject, { kind, definer }: Probe, cause: Fault): Lack {
  const who = definer.replaceAll('`', '');
  const reason = `cannot create ${kind} ${labelOf(object)} again as DEFINER ${who}: ${cause.message}`;
  if (isAboutBinaryLog(cause)) return { reason, need: { kind: 'function-creators' } };
  return { reason, need: { kind: 'definer', definer, said: cause.message } };
}

const DEFINER =
  /^CREATE (?:\S+ )*?DEFINER ?= ?((?:`(?:[^`]|``)*`|"(?:[^"]|"")*")(?:@(?:`(?:[^`]|``)*`|"(?:[^"]|"")*"))?)/;

/** One for each pair of kind and definer. */
export function probesFor(objects: readonly StoredObject[]): readonly Probe[] {
  const probes = new Map<string, Probe>();
  for (const object of objects) {
    const kind = probedKind(object);
    const definer = DEFINER.exec(object.definition)?.[1]?.replaceAll('"', '`');
    if (kind === undefined || definer === undefined) continue;
    const known = probes.get(`${kind} ${definer}`)?.objects ?? [];
    probes.set(`${kind} ${definer}`, { kind, definer, objects: [...known, object] });
  }
  return [...probes.values()];
}

function probedKind({ kind }: StoredObject): ProbedKind | undefined {
  if (kind === 'package' || kind === 'package-body') return 'procedure';
  const known: readonly string[] = ['view', 'trigger', 'function', 'procedure', 'event'];
  return known.includes(kind) ? (kind as ProbedKind) : undefined;
}

function probeSql({ kind, definer }: Probe, database: string): string {
  const start = `CREATE DEFINER=${definer}`;
  switch (kind) {
    case 'view':
      return `${start} SQL SECURITY INVOKER VIEW ${database}.probe_it AS SELECT 1 AS one`;
    case 'trigger':
      return `${start} TRIGGER ${database}.probe_it
        BEFORE INSERT ON ${database}.probe_rights FOR EACH ROW SET @one = 1`;
    case 'function':
      return `${start} FUNCTION ${database}.probe_it() RETURNS INT DETERMINISTIC RETURN 1`;
    case 'procedure':
      return `${start} PROCEDURE ${database}.probe_it() SET @one = 1`;
    case 'event':
      return `${start} EVENT ${database}.probe_it ON SCHEDULE AT '2037-01-01 00:00:00' DISABLE DO SET @one = 1`;
  }
}

const POWERS: readonly RegExp[] = [
  ...[/SUPER/, /SET_ANY_DEFINER|SET_USER_ID/, /SYSTEM_USER/],
  ...['SELECT', 'INSERT', 'ALTER', 'DROP', 'REFERENCES', 'TRIGGER', 'EVENT'].map((right) => RegExp(` ${right},`)),
  ...['LOCK TABLES', 'CREATE VIEW', 'CREATE ROUTINE', 'ALTER ROUTINE'].map((right) => RegExp(` ${right},`)),
];

/** A shortcut for administrators only: whoever fails it is tried out. */
async function isAllPowerful(server: FamilyServer, session: Session, signal: AbortSignal): Promise<boolean> {
  const { rows } = await session.query('SHOW GRANTS', { signal });
  const grants = rows.map(([grant]) => textOf(grant));
  if (grants.some((grant) => grant.startsWith('REVOKE '))) return false;
  const everywhere = grants.filter((grant) => grant.includes(' ON *.* '));
  if (server.flavour === 'mariadb') return everywhere.some((grant) => grant.startsWith('GRANT ALL PRIVILEGES '));
  return POWERS.every((power) => everywhere.some((grant) => power.test(grant)));
}
