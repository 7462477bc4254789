import type { Session } from '../../src/engines/index.ts';
import type { Connector } from '../../src/engines/wire/connector.ts';

/** Does something right before rows are copied: the tables are locked then, where they are locked at all. */
export function slowCopies(
  inner: Connector,
  before: (session: Session, signal: AbortSignal | undefined, lockHolder: string) => Promise<void>,
): Connector {
  let lockHolder = '';
  return {
    address: inner.address,
    openConnectionIds: () => inner.openConnectionIds(),
    closeAll: () => inner.closeAll(),
    open: async (request, signal) => {
      const session = await inner.open(request, signal);
      if (request.purpose === 'snapshot lock') lockHolder = session.identity.connectionId;
      const slow: Session = {
        identity: session.identity,
        get isOpen() {
          return session.isOpen;
        },
        query: async (sql, options) => {
          if (/^(INSERT INTO|CALL) `sb_/.test(sql)) await before(session, options?.signal, lockHolder);
          return session.query(sql, options);
        },
        close: () => session.close(),
      };
      return slow;
    },
  };
}

/** Does something right after tables were locked for reading, each time. */
export function afterLocking(inner: Connector, then: () => Promise<void>): Connector {
  return {
    address: inner.address,
    openConnectionIds: () => inner.openConnectionIds(),
    closeAll: () => inner.closeAll(),
    open: async (request, signal) => {
      const session = await inner.open(request, signal);
      return {
        identity: session.identity,
        get isOpen() {
          return session.isOpen;
        },
        query: async (sql, options) => {
          const result = await session.query(sql, options);
          if (sql.startsWith('LOCK TABLES')) await then();
          return result;
        },
        close: () => session.close(),
      };
    },
  };
}
