import type { Connector } from '../../src/engines/wire/connector.ts';

/** Sessions of a server that demands primary keys, of a login that may not switch that off. */
export function demandingPrimaryKeys(inner: Connector): Connector {
  return {
    address: inner.address,
    openConnectionIds: () => inner.openConnectionIds(),
    closeAll: () => inner.closeAll(),
    open: async (request, signal) => {
      const session = await inner.open(request, signal);
      const demand = (): Promise<unknown> => session.query('SET SESSION sql_require_primary_key = 1');
      await demand();
      return {
        identity: session.identity,
        get isOpen() {
          return session.isOpen;
        },
        query: async (sql, options) => {
          const result = await session.query(sql, options);
          if (sql.includes('sql_require_primary_key=0')) await demand();
          return result;
        },
        close: () => session.close(),
      };
    },
  };
}
