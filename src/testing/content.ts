import type { Engine } from '../engines/index.ts';

/** Names of the base tables. */
export async function tablesIn(engine: Engine, database: string, signal: AbortSignal): Promise<readonly string[]> {
  return (await engine.data.tables([database], { kind: 'now' }, signal)).map(({ table }) => table);
}

export async function isEmpty(engine: Engine, database: string, signal: AbortSignal): Promise<boolean> {
  for (const table of await engine.data.tables([database], { kind: 'now' }, signal)) {
    if (((await engine.data.countRows(table, { kind: 'now' }, signal)) ?? 0) > 0) return false;
  }
  return true;
}
