import type { ContentComparison, DataReader, Moment } from '../../src/engines/index.ts';
import { tableLabel, type TableRef } from '../../src/kernel/index.ts';
import type { MemoryServer, Table } from './memory-server.ts';
import type { Link } from './scripted-engine.ts';
import { operationOf } from './sql-operations.ts';

export function readerOf(link: Link): DataReader {
  return {
    tables: (databases, at, signal) =>
      link.ask(
        {
          label: 'list tables',
          apply: (server) =>
            [...tablesAt(server, at).keys()].sort().flatMap((name): TableRef[] => {
              const [database = '', table = ''] = name.split('.');
              return databases.includes(database) ? [{ database, table }] : [];
            }),
        },
        signal,
      ),
    countRows: (table, at, signal) =>
      link.ask(
        {
          label: `count ${tableLabel(table)}`,
          apply: (server) => tablesAt(server, at).get(tableLabel(table))?.rows.size,
        },
        signal,
      ),
    fingerprint: (table, at, signal) =>
      link.ask(
        {
          label: `fingerprint ${tableLabel(table)}`,
          apply: (server) => {
            const found = tablesAt(server, at).get(tableLabel(table));
            return found === undefined ? undefined : fingerprintOf(found);
          },
        },
        signal,
      ),
    compareContent: (table, since, _max, signal) =>
      link.ask(
        {
          label: `compare ${tableLabel(table)}`,
          apply: (server): ContentComparison => {
            const before = tablesAt(server, { kind: 'snapshot', name: since }).get(tableLabel(table));
            const now = tablesAt(server, { kind: 'now' }).get(tableLabel(table));
            if (before === undefined) return { kind: 'no-table', side: 'snapshot' };
            if (now === undefined) return { kind: 'no-table', side: 'now' };
            if (fingerprintOf(before) === fingerprintOf(now)) return { kind: 'equal' };
            return { kind: 'different', rows: { gone: 0, added: 0, changed: 1, is_exact: false, sample: [] } };
          },
        },
        signal,
      ),
    differingRows: (table, _since, _max, signal) =>
      link.ask(
        {
          label: `rows of ${tableLabel(table)} that differ`,
          apply: () => ({ gone: 0, added: 0, changed: 1, is_exact: false, sample: [] }),
        },
        signal,
      ),
    query: ({ sql }, signal) => link.ask(operationOf(sql), signal),
  };
}

export function fingerprintOf({ columns, rows }: Table): string {
  return JSON.stringify([columns, [...rows].sort(([a], [b]) => a - b)]);
}

function tablesAt({ tables, catalog }: MemoryServer, at: Moment): ReadonlyMap<string, Table> {
  return at.kind === 'now' ? tables : (catalog.find(at.name)?.tables ?? new Map<string, Table>());
}
