import { Fault } from '../../src/kernel/index.ts';
import type { Session } from '../../src/engines/index.ts';
import type { Connector } from '../../src/engines/wire/connector.ts';

/** A connector as of a client that dies: after so many statements that change something, nothing gets through. */
export interface CuttingConnector extends Connector {
  /** How many statements that change something have been sent. */
  readonly sent: () => number;
}

const READS = /^\s*(?:SELECT(?! SETVAL)|SHOW|SET)\b/i;

export function cuttingConnector(inner: Connector, afterChanges: number): CuttingConnector {
  let sent = 0;
  let isCut = false;
  const pass = (sql: string): void => {
    isCut ||= !READS.test(sql) && sent >= afterChanges;
    if (isCut) throw new Fault('CONNECTION_LOST', 'cut by the test');
    if (!READS.test(sql)) sent += 1;
  };
  return {
    address: inner.address,
    openConnectionIds: () => inner.openConnectionIds(),
    closeAll: () => inner.closeAll(),
    sent: () => sent,
    open: async (request, signal) => {
      pass('SELECT 1');
      const session = await inner.open(request, signal);
      const cutting: Session = {
        identity: session.identity,
        get isOpen() {
          return session.isOpen && !isCut;
        },
        query: async (sql, options) => {
          pass(sql);
          return session.query(sql, options);
        },
        close: () => session.close(),
      };
      return cutting;
    },
  };
}

/** Calls `end` when so many statements have been sent and the next one is on its way. */
export function endingConnector(inner: Connector, afterStatements: number, end: () => void): Connector {
  let sent = 0;
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
          const result = session.query(sql, options);
          if (sent === afterStatements) end();
          sent += 1;
          return result;
        },
        close: () => session.close(),
      };
    },
  };
}
