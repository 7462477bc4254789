// What is known of baselines, on the server itself: the next process finds what this one has left.

import type { Engine, Session } from '../engines/index.ts';
import { Fault, sha256 } from '../kernel/index.ts';

/** One row for each database that has, or had, a baseline. */
export interface BaselineRecord {
  readonly version: 1;
  readonly database: string;
  /** Tables that were there; others are unknown to us. */
  readonly tables: readonly string[];
  /** The database from which this one was made, for a worker. */
  readonly workerOf?: string;
  /** What `workerOf` held when this one was made. */
  readonly source?: string;
  readonly seed?: {
    readonly hash: string;
    readonly definitions: string;
    /** What every table held when the seed had run. */
    readonly content: string;
    /** Nothing had been in any table before: all that is there came from the seed. */
    readonly wasEmpty: boolean;
    /** There was not even a table: all definitions came from the seed too. */
    readonly wasBlank?: boolean;
  };
}

const TABLE = '`snapback`.`baselines`';

export class BaselineStore {
  readonly #engine: Engine;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  async read(database: string, signal: AbortSignal): Promise<BaselineRecord | undefined> {
    return (await this.list(signal)).find((record) => record.database === database);
  }

  async list(signal: AbortSignal): Promise<readonly BaselineRecord[]> {
    return this.#with(signal, async (session) => {
      const there =
        "SELECT 1 FROM information_schema.tables WHERE table_schema = 'snapback' AND table_name = 'baselines'";
      if ((await session.query(there, { signal })).rows.length === 0) return [];
      const { rows } = await session.query(`SELECT record FROM ${TABLE}`, { signal });
      return rows.map(([text]) => parseRecord(text ?? ''));
    });
  }

  async write(record: BaselineRecord, signal: AbortSignal): Promise<void> {
    await this.#with(signal, async (session) => {
      await session.query('CREATE DATABASE IF NOT EXISTS `snapback` CHARACTER SET utf8mb4 COLLATE utf8mb4_bin', {
        signal,
      });
      await session.query(
        `CREATE TABLE IF NOT EXISTS ${TABLE} (name VARCHAR(64) NOT NULL PRIMARY KEY, record LONGTEXT NOT NULL)
         ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin`,
        { signal },
      );
      const text = JSON.stringify(record);
      const params = [keyOf(record.database), text, text];
      // MatrixOne 3 does not prepare a REPLACE.
      const sql = `INSERT INTO ${TABLE} VALUES (?, ?) ON DUPLICATE KEY UPDATE record = ?`;
      await session.query(sql, { params, signal });
    });
  }

  async remove(database: string, signal: AbortSignal): Promise<void> {
    await this.#with(signal, async (session) => {
      await session.query(`DELETE FROM ${TABLE} WHERE name = ?`, { params: [keyOf(database)], signal });
    });
  }

  async #with<Value>(signal: AbortSignal, work: (session: Session) => Promise<Value>): Promise<Value> {
    const session = await this.#engine.openSession('baselines', undefined, signal);
    try {
      return await work(session);
    } finally {
      await session.close();
    }
  }
}

function parseRecord(text: string): BaselineRecord {
  const record = JSON.parse(text) as BaselineRecord;
  if ((record.version as number) === 1) return record;
  throw new Fault('UNSUPPORTED_SERVER', 'the server holds a baseline of a newer version of snapback', {
    hint: 'Use that version, or drop the table snapback.baselines.',
  });
}

export function keyOf(database: string): string {
  return sha256(database).slice(0, 16);
}

/** Where the rows that come back are kept. */
export function copyDatabaseOf(database: string): string {
  return `snapback_base_${keyOf(database)}`;
}

export function snapshotNameOf(database: string): string {
  return `baseline_${keyOf(database)}`;
}
