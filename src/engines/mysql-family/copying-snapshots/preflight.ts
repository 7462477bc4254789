// What cannot be kept, or could not be put back later, is refused here by name, before anything is changed.

import { Fault } from '../../../kernel/index.ts';
import type { Session, SnapshotSpec } from '../../port.ts';
import { quoteText } from '../../wire/quote.ts';
import { databasesIn, databasesThere, type Extent } from './extent.ts';
import { refuse, type Lack } from './grant-script.ts';
import { labelOf, objectKindOf, tablesOf } from './model.ts';
import type { Description, InboundKey, StoredObject, StoredTable, Unreadable } from './model.ts';
import { probeDatabases } from './probe-rights.ts';
import { records, textOf } from './result-rows.ts';
import { isAtLeast, type FamilyServer } from './session-pins.ts';
import { isOwnDatabase } from './shadow-catalog.ts';

export interface PreflightRequest {
  readonly spec: Pick<SnapshotSpec, 'lock' | 'maxCopyBytes'>;
  readonly extent: Extent;
  readonly description: Description;
  readonly inbound: readonly InboundKey[];
}

const SYSTEM_DATABASES: ReadonlySet<string> = new Set(['mysql', 'information_schema', 'performance_schema', 'sys']);
const KNOWN_ENGINES: ReadonlySet<string> = new Set(['innodb', 'myisam', 'aria', 'memory', 'archive']);

/**
 * Returns the sentences that the snapshot declares.
 *
 * @throws {Fault} SNAPSHOT_REFUSED with every reason there is.
 */
export async function preflight(
  server: FamilyServer,
  session: Session,
  request: PreflightRequest,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const { description } = request;
  const isThere = (name: string): boolean => description.objects.some(({ database }) => database === name);
  const lacks = [
    ...description.unreadable.map(unreadableLack),
    ...(await probeDatabases(server, session, databasesThere(request.extent, isThere), signal)),
  ];
  const reasons = await reasonsByReading(server, session, request, signal);
  if (lacks.length + reasons.length > 0) {
    throw await refuse(server, session, [...lacks, ...reasons.map((reason) => ({ reason }))]);
  }
  return declaredOf(request);
}

export function declaredOf({ description, inbound }: PreflightRequest): readonly string[] {
  return [...description.objects.flatMap(declareObject), ...inbound.map(declareInbound), ...declareGrants(description)];
}

/** What is refused for another reason than a missing right; nothing is tried out. */
export async function reasonsByReading(
  server: FamilyServer,
  session: Session,
  request: PreflightRequest,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const { spec, description } = request;
  return [
    ...refuseScope(request),
    ...(await refuseSpelling(session, request.extent, signal)),
    ...tablesOf(description.objects).flatMap((table) => refuseTable(server, table)),
    ...(spec.lock === 'brief' ? tablesOf(description.objects).flatMap(refuseBrief) : []),
    ...description.objects.flatMap(refuseText),
    ...refuseSize(description.objects, spec),
    ...(await refuseMissingKeys(server, session, description.objects, signal)),
    ...(await refuseLibraries(server, session, request.extent, signal)),
  ];
}

/** Why something could not be read, and what would help. */
export function unreadableLack({ object, name, reason }: Unreadable): Lack {
  const text = `no right to read the definition of ${object} ${name} (${reason})`;
  if (['function', 'procedure', 'package'].includes(object)) return { reason: text, need: { kind: 'routine-bodies' } };
  const database = name.slice(0, name.indexOf('.'));
  return /denied|1142|1227/.test(reason) ? { reason: text, need: { kind: 'database', database } } : { reason: text };
}

/** One fault for all reasons. */
export function refusal(reasons: readonly string[]): Fault {
  return new Fault('SNAPSHOT_REFUSED', reasons.join('; '));
}

function refuseScope({ extent, description }: PreflightRequest): readonly string[] {
  const reasons: string[] = [];
  const found = (kind: StoredObject['kind'], database: string, name: string): boolean =>
    description.objects.some((object) => object.kind === kind && object.database === database && object.name === name);
  for (const database of extent.databases) {
    if (SYSTEM_DATABASES.has(database.toLowerCase())) reasons.push(`${database} belongs to the server`);
    else if (isOwnDatabase(database)) reasons.push(`${database} belongs to snapback`);
    else if (!found('database', database, database)) reasons.push(`there is no database ${database}`);
  }
  for (const { database, table } of extent.tables) {
    if (found('table', database, table)) continue;
    if (found('view', database, table)) reasons.push(`${database}.${table} is a view: a list of tables holds tables`);
    else reasons.push(`there is no table ${database}.${table}`);
  }
  return reasons;
}

/** A server that folds names gives them in its own spelling: in another one, keys within would seem foreign. */
async function refuseSpelling(session: Session, extent: Extent, signal: AbortSignal): Promise<readonly string[]> {
  const reasons: string[] = [];
  for (const database of databasesIn(extent)) {
    const sql = `SELECT schema_name FROM information_schema.schemata WHERE schema_name = ${quoteText(database)}`;
    const names = (await session.query(sql, { signal })).rows.map(([name]) => textOf(name));
    if (names.length === 1 && names[0] !== database)
      reasons.push(`this server calls database ${database} ${names[0] ?? ''}: write it so`);
  }
  return reasons;
}

const PRECISE_VERSIONING = /bigint\(20\) unsigned(?: [A-Z]+)*? GENERATED ALWAYS AS ROW (?:START|END)/;
const OUTSIDE_STORAGE = /(?:DATA|INDEX) DIRECTORY ?=|TABLESPACE `(?!innodb_file_per_table`)|CONNECTION=/;

function refuseTable(server: FamilyServer, table: StoredTable): readonly string[] {
  const label = labelOf(table);
  const reasons: string[] = [];
  if (!KNOWN_ENGINES.has(table.engine.toLowerCase())) {
    reasons.push(`storage of table ${label} lies outside the database (engine ${table.engine})`);
  } else if (OUTSIDE_STORAGE.test(withoutTexts(table.definition))) {
    reasons.push(`storage of table ${label} lies outside the database`);
  }
  if (PRECISE_VERSIONING.test(withoutTexts(table.definition))) {
    reasons.push(`table ${label} uses transaction-precise system versioning; its history cannot be copied by SQL`);
  } else if (table.isVersioned && !isAtLeast(server, '10.11.0')) {
    reasons.push(`the history of table ${label} can be copied only by MariaDB 10.11 and later`);
  }
  if (table.columns.length === 0) reasons.push(`table ${label} has only computed columns`);
  return reasons;
}

/** Only InnoDB shows the moment of a snapshot after others have written. */
function refuseBrief(table: StoredTable): readonly string[] {
  if (table.engine.toLowerCase() === 'innodb') return [];
  return [`\`lock: brief\` needs InnoDB, and table ${labelOf(table)} is ${table.engine}: use \`lock: held\``];
}

/** The definition with the insides of its literals taken out, so that a comment is not mistaken for an option. */
function withoutTexts(definition: string): string {
  return definition.replace(/'(?:[^'\\]|\\.|'')*'/gs, "''");
}

/** Our sessions speak utf8mb4: other bytes of an object that was made in another character set cannot be sent again. */
function refuseText(object: StoredObject): readonly string[] {
  if (!('pins' in object)) return [];
  const charset = object.pins.characterSetClient;
  const isAscii = /^(?!0x)[\x00-\x7f]*$/.test(object.definition); // what is no text at all comes as `0x..`
  if (isAscii || (charset.startsWith('utf8') && !object.definition.startsWith('0x'))) return [];
  const what = `${objectKindOf(object)} ${labelOf(object)}`;
  return [`${what} was made under character set ${charset} and holds more than ASCII: create it again under utf8mb4`];
}

function refuseSize(
  objects: readonly StoredObject[],
  { maxCopyBytes }: Pick<SnapshotSpec, 'maxCopyBytes'>,
): readonly string[] {
  const bytes = tablesOf(objects).reduce((sum, table) => sum + table.bytes, 0);
  if (bytes <= maxCopyBytes) return [];
  return [`the tables hold ${sizeText(bytes)}, and \`max_copy\` allows ${sizeText(maxCopyBytes)}`];
}

function sizeText(bytes: number): string {
  const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'];
  const power = Math.min(units.length - 1, Math.floor(Math.log2(Math.max(1, bytes)) / 10));
  return `${power === 0 ? bytes : (bytes / 1024 ** power).toFixed(1)} ${units[power] ?? ''}`;
}

async function refuseMissingKeys(
  server: FamilyServer,
  session: Session,
  objects: readonly StoredObject[],
  signal: AbortSignal,
): Promise<readonly string[]> {
  const keyless = tablesOf(objects).filter(({ primaryKey }) => primaryKey.length === 0);
  if (server.flavour !== 'mysql' || keyless.length === 0) return [];
  const { rows } = await session.query('SELECT @@session.sql_require_primary_key', { signal });
  if (rows[0]?.[0] !== '1') return [];
  return keyless.map((table) => `the server demands primary keys; table ${labelOf(table)} cannot be copied`);
}

async function refuseLibraries(
  server: FamilyServer,
  session: Session,
  { databases }: Extent,
  signal: AbortSignal,
): Promise<readonly string[]> {
  if (server.flavour !== 'mysql' || !isAtLeast(server, '9.2.0') || databases.length === 0) return [];
  const result = await session.query(
    `SELECT library_schema, library_name FROM information_schema.libraries
     WHERE library_schema IN (${databases.map(quoteText).join(', ')})`,
    { signal },
  );
  return records(result, ['database', 'name']).map(
    ({ database, name }) => `library ${textOf(database)}.${textOf(name)} is of a kind that is not kept`,
  );
}

function declareObject(object: StoredObject): readonly string[] {
  const label = labelOf(object);
  if (object.kind === 'view' && !object.isValid) {
    return [`view ${label} is invalid now; it can be kept but not created again if it is dropped`];
  }
  if (object.kind === 'sequence' && Number(object.cacheSize) > 1) {
    return [`sequence ${label} may skip up to ${object.cacheSize} values after a restore`];
  }
  return [];
}

function declareInbound({ database, table, name, target }: InboundKey): string {
  const to = `${target.database}.${target.table}`;
  return `${database}.${table} references ${to} (${name}): after a restore its rows are checked, not changed`;
}

function declareGrants({ objects, hasGrants }: Description): readonly string[] {
  const hasRoutines = objects.some(({ kind }) => kind === 'function' || kind === 'procedure');
  if (hasGrants || !hasRoutines) return [];
  return ['rights on single routines could not be read (mysql.procs_priv): a routine made again may lose them'];
}
