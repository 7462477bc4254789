// Two authorities, and what the first one signed: a server for 127.0.0.1, a server by another name, a client.

import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Whether certificates can be made on this machine. */
export function hasOpenssl(): boolean {
  try {
    execFileSync('openssl', ['version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** Writes `ca.pem`, `other-ca.pem`, and `NAME.pem` with `NAME.key` for `server`, `elsewhere` and `client`. */
export function makeCertificates(folder: string): void {
  const openssl = (...words: string[]): void => void execFileSync('openssl', words, { cwd: folder, stdio: 'pipe' });
  for (const name of ['ca', 'other-ca']) {
    const subject = ['-subj', `/CN=${name}`, '-days', '2', '-nodes'];
    openssl('req', '-x509', '-newkey', 'rsa:2048', ...subject, '-keyout', `${name}.key`, '-out', `${name}.pem`);
  }
  for (const [name, host] of [
    ['server', 'IP:127.0.0.1'],
    ['elsewhere', 'DNS:localhost'],
    ['client', 'DNS:client'],
  ] as const) {
    writeFileSync(join(folder, `${name}.ext`), `subjectAltName=${host}\n`);
    const request = ['-subj', `/CN=${name}`, '-nodes', '-keyout', `${name}.key`, '-out', `${name}.csr`];
    openssl('req', '-newkey', 'rsa:2048', ...request);
    const signer = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '2', '-extfile', `${name}.ext`];
    openssl('x509', '-req', '-in', `${name}.csr`, ...signer, '-out', `${name}.pem`);
  }
}
