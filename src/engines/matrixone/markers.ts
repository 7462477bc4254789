import type { RunId } from '../../kernel/index.ts';
import type { Markers } from '../port.ts';
import type { Connector } from '../wire/connector.ts';
import { serverErrorOf } from '../wire/errors.ts';
import { catalogTable, ensureCatalog, readCatalog } from './catalog.ts';
import { literal } from './literal.ts';
import { NOW, withSession } from './session.ts';

const DUPLICATE_KEY = 1062;

/** Markers as rows under a unique key: the second claim waits until the first is decided. */
export function matrixoneMarkers(connector: Connector): Markers {
  const table = catalogTable('markers');
  return {
    prepare: (signal) =>
      withSession(connector, { purpose: 'markers', writes: true }, signal, (session) => ensureCatalog(session, signal)),
    claim: async (session, run, action, signal) => {
      const values = `${literal(run)}, ${literal(action)}, ${NOW}`;
      try {
        await session.query(`INSERT INTO ${table} (run, action, committed_at) VALUES (${values})`, { signal });
        return 'claimed';
      } catch (error) {
        if (serverErrorOf(error)?.errno === DUPLICATE_KEY) return 'already-there';
        throw error;
      }
    },
    clear: (run: RunId, signal) =>
      withSession(connector, { purpose: 'markers', writes: true }, signal, async (session) => {
        await readCatalog(session, `DELETE FROM ${table} WHERE run = ${literal(run)}`, signal);
      }),
  };
}
