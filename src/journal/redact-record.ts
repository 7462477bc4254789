// J8: no secret is ever written. Every text of a record is redacted, except the names that a run finds its way by: a
// password that happens to be `steps`, or `shop`, must not turn `steps/migrate` into `***/migrate`, for then the run
// would no longer know what it has done. A name gives nothing away: who reads it does not learn that it is a password.

import type { Json } from '../kernel/index.ts';
import type { JournalRecord } from './record.ts';

/** Members that hold words of ours, identities and names of objects, wherever they stand in a record. */
const NAMES: ReadonlySet<string> = new Set([
  ...['kind', 'run', 'plan_name', 'plan_path', 'plan_digest', 'tool_version', 'target', 'action', 'at', 'as'],
  ...['label', 'host', 'port', 'server_uuid', 'catalog_id', 'version', 'database', 'databases'],
  ...['connection_id', 'connection_id_floor', 'server_started_at', 'server_time', 'started_at', 'taken_at', 'user'],
  ...['verdict', 'failed_action', 'code', 'effect', 'signal', 'check', 'severity', 'object'],
  ...[
    'change',
    'name',
    'scope',
    'snapshot',
    'snapshots',
    'table',
    'is',
    'fingerprint',
    'restored',
    'removed',
    'moment',
    'took_over',
  ],
]);

/** Members whose own members are named by people: what those are called says nothing about what they hold. */
const FOREIGN: ReadonlySet<string> = new Set(['vars']);

/** The record as it may be written. Members that are undefined are left out. */
export function redactRecord(record: JournalRecord, redact: (text: string) => string): JournalRecord {
  if (record.kind === 'process-attached') return record; // Nothing in it comes from outside.
  return clean(record as unknown as Json, '', redact) as unknown as JournalRecord;
}

function clean(value: Json, member: string, redact: (text: string) => string): Json {
  if (typeof value === 'string') return NAMES.has(member) ? value : redact(value);
  if (Array.isArray(value)) return (value as readonly Json[]).map((one) => clean(one, member, redact));
  if (value === null || typeof value !== 'object') return value;
  const members: [string, Json][] = [];
  for (const [key, inner] of Object.entries(value))
    if (inner !== undefined) members.push([key, clean(inner, FOREIGN.has(member) ? '' : key, redact)]);
  return Object.fromEntries(members);
}
