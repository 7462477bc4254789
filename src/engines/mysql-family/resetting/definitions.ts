import type { Session } from '../../port.ts';
import { describe } from '../copying-snapshots/describe.ts';
import type { StoredObject } from '../copying-snapshots/model.ts';

/** Equal for equal definitions; rows, counters and rights are left aside. */
export async function definitionsOf(session: Session, database: string, signal: AbortSignal): Promise<string> {
  const { objects } = await describe(session, { databases: [database], tables: [] }, signal);
  return objects
    .filter(({ kind }) => kind !== 'grant')
    .map((object) => `${object.kind} ${object.name}\n${textOfObject(object)}`)
    .sort()
    .join('\n\n');
}

function textOfObject(object: StoredObject): string {
  if (object.kind === 'table') return object.definition.replace(/ AUTO_INCREMENT=\d+/, '');
  if (object.kind === 'trigger') return `${object.table} ${object.position}\n${object.definition}`;
  return object.definition;
}
