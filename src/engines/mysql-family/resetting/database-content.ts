// What a database holds, as two texts: its definitions, and its rows by fingerprint.

import type { DatabaseContent } from '../../reset-port.ts';
import { readContents } from '../copying-snapshots/contents.ts';
import { describe } from '../copying-snapshots/describe.ts';
import { refOf, tablesOf, type StoredObject } from '../copying-snapshots/model.ts';
import { openWorkers, WORKER_COUNT } from '../copying-snapshots/parallel.ts';
import { withPinned, type FamilyServer } from '../copying-snapshots/session-pins.ts';

/** Counters and rights are left aside. */
export async function readDatabase(
  server: FamilyServer,
  database: string,
  signal: AbortSignal,
): Promise<DatabaseContent> {
  return withPinned(server, { purpose: 'content', changes: false }, signal, async (session) => {
    const { objects } = await describe(session, { databases: [database], tables: [] }, signal);
    const readers = { purpose: 'content reader', changes: false, jobs: WORKER_COUNT };
    const workers = await openWorkers(server, readers, signal);
    try {
      const contents = await readContents(workers, tablesOf(objects), refOf, signal);
      return {
        definitions: definitionsOf(objects),
        rows: [...contents]
          .map(([label, { fingerprint }]) => `${label} ${fingerprint}`)
          .sort()
          .join('\n'),
      };
    } finally {
      await workers.close();
    }
  });
}

function definitionsOf(objects: readonly StoredObject[]): string {
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
