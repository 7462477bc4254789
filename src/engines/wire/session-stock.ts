import type { Session } from '../port.ts';

/** Sessions that are kept and lent again, for many small readings in a row; closing the connector ends them. */
export interface SessionStock {
  use<Value>(signal: AbortSignal, work: (session: Session) => Promise<Value>): Promise<Value>;
}

export function sessionStock(open: (signal: AbortSignal) => Promise<Session>): SessionStock {
  const idle: Session[] = [];
  return {
    use: async (signal, work) => {
      let session = idle.pop();
      while (session !== undefined && !session.isOpen) session = idle.pop();
      session ??= await open(signal);
      try {
        return await work(session);
      } finally {
        idle.push(session);
      }
    },
  };
}
