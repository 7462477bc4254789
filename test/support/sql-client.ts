import { createConnection } from 'mysql2/promise';
import { tapedClient, taping } from './taping.ts';

/** A cell as the server printed it, one character per byte of UTF-8; null is NULL. */
export type RawCell = string | null;

/** A plain connection of a test's own, apart from the program under test. */
export interface SqlClient {
  /** The rows of one statement; none for a statement that has no result. */
  query(sql: string): Promise<readonly Readonly<Record<string, RawCell>>[]>;
  close(): Promise<void>;
}

/** Times are shown in UTC and text in UTF-8. Nothing is parsed, so nothing is rounded. */
export async function openClient(url: string): Promise<SqlClient> {
  const taped = taping();
  if (taped !== undefined) return tapedClient(url, taped);
  const connection = await createConnection({
    uri: url,
    charset: 'utf8mb4',
    typeCast: (field) => field.buffer()?.toString('latin1') ?? null,
  });
  await connection.query("SET time_zone = '+00:00'");
  return {
    query: async (sql) => {
      const [rows] = await connection.query(sql);
      return Array.isArray(rows) ? (rows as Record<string, RawCell>[]) : [];
    },
    close: () => connection.end(),
  };
}
