import { readFileSync } from 'node:fs';
import type { SslOptions } from 'mysql2';
import { Fault } from '../../kernel/index.ts';
import type { TlsOptions } from './connection-url.ts';

/**
 * What the driver wants to know about TLS; `undefined` for a plain connection.
 *
 * @throws {Fault} SERVER_UNREACHABLE when a PEM file cannot be read.
 */
export function sslOptionsOf({ kind, caPath, certificatePath, keyPath }: TlsOptions): SslOptions | undefined {
  if (kind === 'off') return undefined;
  return {
    rejectUnauthorized: kind === 'verify',
    verifyIdentity: kind === 'verify',
    minVersion: 'TLSv1.2',
    ...(caPath === undefined ? {} : { ca: pem(caPath) }),
    ...(certificatePath === undefined ? {} : { cert: pem(certificatePath) }),
    ...(keyPath === undefined ? {} : { key: pem(keyPath) }),
  };
}

function pem(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error)) throw error;
    throw new Fault('SERVER_UNREACHABLE', `the PEM file ${path} cannot be read: ${error.message}`, { cause: error });
  }
}
