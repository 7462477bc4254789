import type { RunId } from '../../kernel/index.ts';
import type { Markers } from '../port.ts';
import type { Connector } from '../wire/connector.ts';
import { serverErrorOf } from '../wire/errors.ts';
import { quoteText } from '../wire/quote.ts';
import { catalogTable, ensureCatalog, readCatalog, withCatalogSession, withGrant } from './catalog.ts';

const DUPLICATE_KEY = 1062;

/** Markers as rows of an InnoDB table under a unique key: the second claim waits until the first is decided. */
export function mysqlMarkers(connector: Connector): Markers {
  const table = catalogTable('markers');
  return {
    prepare: (signal) =>
      withCatalogSession(connector, { purpose: 'markers', writes: true }, signal, (session) =>
        ensureCatalog(session, signal),
      ),
    claim: async (session, run, action, signal) => {
      const values = `${quoteText(run)}, ${quoteText(action)}, UTC_TIMESTAMP(6)`;
      try {
        await session.query(`INSERT INTO ${table} (run, action, committed_at) VALUES (${values})`, { signal });
        return 'claimed';
      } catch (error) {
        if (serverErrorOf(error)?.errno === DUPLICATE_KEY) return 'already-there';
        throw await withGrant(error, session);
      }
    },
    clear: (run: RunId, signal) =>
      withCatalogSession(connector, { purpose: 'markers', writes: true }, signal, async (session) => {
        await readCatalog(session, `DELETE FROM ${table} WHERE run = ${quoteText(run)}`, signal);
      }),
  };
}
