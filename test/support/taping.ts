// Whether the running test is being recorded or replayed. Tests of one file run one after the other, so one place does.

import type { EngineOptions } from '../../src/engines/index.ts';
import type { Connector } from '../../src/engines/wire/connector.ts';
import type { SqlClient } from './sql-client.ts';

export interface Taping {
  /** Random for people, the same in every run of this test. */
  readonly token: (length: number) => string;
  readonly connect: (url: string, options: EngineOptions) => Connector;
}

let current: Taping | undefined;

export function useTaping(taping: Taping | undefined): void {
  current = taping;
}

export function taping(): Taping | undefined {
  return current;
}

/** A plain client of the test's own, by way of the recording. */
export async function tapedClient(url: string, { connect }: Taping): Promise<SqlClient> {
  const never = new AbortController().signal;
  const connector = connect(url, { onSessionOpened: () => Promise.resolve(), run: undefined });
  const request = { purpose: 'the test', database: connector.address.database, announce: false, prologue: [] };
  const session = await connector.open({ ...request, prologue: ["SET time_zone = '+00:00'"] }, never);
  const latin1 = (cell: string | null): string | null =>
    cell === null ? null : Buffer.from(cell, 'utf8').toString('latin1');
  return {
    query: async (sql) => {
      const { columns, rows } = await session.query(sql);
      return rows.map((row) => Object.fromEntries(columns.map((name, at) => [name, latin1(row[at] ?? null)])));
    },
    close: () => connector.closeAll(),
  };
}
