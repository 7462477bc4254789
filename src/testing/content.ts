import type { Engine } from '../engines/index.ts';
import { sha256, tableLabel } from '../kernel/index.ts';

/** Names of the base tables. */
export async function tablesIn(engine: Engine, database: string, signal: AbortSignal): Promise<readonly string[]> {
  return (await engine.data.tables([database], { kind: 'now' }, signal)).map(({ table }) => table);
}

/** Equal for equal rows in all tables; reads everything. */
export async function contentOf(engine: Engine, database: string, signal: AbortSignal): Promise<string> {
  const parts: string[] = [];
  for (const table of await engine.data.tables([database], { kind: 'now' }, signal)) {
    const fingerprint = await engine.data.fingerprint(table, { kind: 'now' }, signal);
    parts.push(`${tableLabel(table)} ${fingerprint ?? 'gone'}`);
  }
  return sha256(parts.sort().join('\n'));
}

export async function isEmpty(engine: Engine, database: string, signal: AbortSignal): Promise<boolean> {
  for (const table of await engine.data.tables([database], { kind: 'now' }, signal)) {
    if (((await engine.data.countRows(table, { kind: 'now' }, signal)) ?? 0) > 0) return false;
  }
  return true;
}
