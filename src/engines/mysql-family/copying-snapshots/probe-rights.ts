// Whether the objects of the scope could be created again later: tried out with small ones, in the shadow database.

import { Fault } from '../../../kernel/index.ts';
import type { Session } from '../../port.ts';
import { quoteName } from '../../wire/quote.ts';
import { labelOf, type StoredObject } from './model.ts';
import { textOf } from './result-rows.ts';
import type { FamilyServer } from './session-pins.ts';

type ProbedKind = 'view' | 'trigger' | 'function' | 'procedure' | 'event';

interface Probe {
  readonly kind: ProbedKind;
  /** As it stands in the definition: `` `app`@`%` ``. */
  readonly definer: string;
  readonly objects: readonly StoredObject[];
}

/** The reasons why something could not be created again; empty where all is well. */
export async function probeRights(
  server: FamilyServer,
  session: Session,
  objects: readonly StoredObject[],
  shadow: string,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const probes = probesFor(objects);
  if (probes.length === 0 || (await isAllPowerful(server, session, signal))) return [];
  const database = quoteName(shadow);
  await session.query(`CREATE TABLE ${database}.probe_rights (id INT PRIMARY KEY)`, { signal });
  const reasons: string[] = [];
  for (const probe of probes) {
    try {
      await session.query(probeSql(probe, database), { signal });
      await session.query(`DROP ${probe.kind.toUpperCase()} ${database}.probe_it`, { signal });
    } catch (error) {
      if (!(error instanceof Fault) || !['PRIVILEGE_MISSING', 'STATEMENT_FAILED'].includes(error.code)) throw error;
      reasons.push(...probe.objects.map((object) => reasonFor(object, probe, error)));
    }
  }
  await session.query(`DROP TABLE ${database}.probe_rights`, { signal });
  return reasons;
}

function reasonFor(object: StoredObject, { kind, definer }: Probe, cause: Fault): string {
  return `cannot create ${kind} ${labelOf(object)} again as DEFINER ${definer.replaceAll('`', '')}: ${cause.message}`;
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

const POWERS: readonly RegExp[] = [/SUPER/, /SET_ANY_DEFINER|SET_USER_ID/, /SYSTEM_USER/];

/** A shortcut for administrators only: whoever fails it is tried out. */
async function isAllPowerful(server: FamilyServer, session: Session, signal: AbortSignal): Promise<boolean> {
  const { rows } = await session.query('SHOW GRANTS', { signal });
  const everywhere = rows.map(([grant]) => textOf(grant)).filter((grant) => grant.includes(' ON *.* '));
  if (server.flavour === 'mariadb') return everywhere.some((grant) => grant.startsWith('GRANT ALL PRIVILEGES '));
  return POWERS.every((power) => everywhere.some((grant) => power.test(grant)));
}
