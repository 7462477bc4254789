import type { ServerEngine } from './types.ts';

export interface ServerVersion {
  readonly engine: ServerEngine;
  /** `10.11.19` */
  readonly version: string;
}

/** Tells from what a server program prints about itself what it is. A `mysqld` may well be MariaDB. */
export function parseServerVersion(text: string): ServerVersion | undefined {
  const matrixone = /^\s*Version:\s*v?(\d+\.\d+\.\d+)/m.exec(text)?.[1];
  if (matrixone !== undefined && text.includes('MatrixOne')) return { engine: 'matrixone', version: matrixone };
  const version = /\bVer (\d+\.\d+\.\d+)/.exec(text)?.[1];
  if (version === undefined) return undefined;
  return { engine: /mariadb/i.test(text) ? 'mariadb' : 'mysql', version };
}

/** Whether `10.11.19` is what `10.11` asks for. */
export function isVersionWanted(version: string, wanted: string | undefined): boolean {
  return wanted === undefined || version === wanted || version.startsWith(`${wanted}.`);
}
