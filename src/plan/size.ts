import { err, ok, type Result } from '../kernel/index.ts';

const UNITS = ['B', 'K', 'M', 'G', 'T'];

/** Reads `20GiB`, `500 MB`, `1.5TiB` as bytes. */
export function parseSizeBytes(text: string): Result<number, string> {
  const [, amount, unit = '', binary] = /^(\d+(?:\.\d+)?) ?([KMGT]?)(i?)B$/.exec(text) ?? [];
  if (amount === undefined || (unit === '' && binary === 'i')) {
    return err('write a size as a number and a unit: 20GiB, 500MiB');
  }
  const power = unit === '' ? 0 : UNITS.indexOf(unit);
  return ok(Math.round(Number(amount) * (binary === 'i' ? 1024 : 1000) ** power));
}
