import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findServers, startServer, type RunningServer, type ServerEngine } from '../../src/servers/index.ts';
import { snapback, workFolder } from '../support/cli.ts';
import { describeEachEngine, runStatements } from '../support/servers.ts';
import { hasOpenssl, makeCertificates } from '../support/tls-files.ts';

/** A private server that shows the certificate of that name: MySQL can be told, MariaDB has to be started with it. */
async function serverShowing(engine: ServerEngine, folder: string, name: string): Promise<RunningServer> {
  const file = (path: string): string => join(folder, path);
  const files = { ca: file('ca.pem'), cert: file(`${name}.pem`), key: file(`${name}.key`) };
  if (engine === 'mysql') {
    const server = await startServer({ engine, env: process.env });
    const settings = Object.entries(files).map(([what, path]) => `SET GLOBAL ssl_${what} = '${path}'`);
    await runStatements(server.url, [...settings, 'ALTER INSTANCE RELOAD TLS']);
    return server;
  }
  const found = (await findServers(process.env)).find((one) => one.engine === engine);
  if (found?.kind !== 'binary') throw new Error(`no binary of ${engine}`);
  const wrapper = file(`mariadbd-${name}`);
  const flags = Object.entries(files).map(([what, path]) => `--ssl-${what}=${path}`);
  writeFileSync(wrapper, `#!/bin/sh\nexec ${found.path} --no-defaults "$@" ${flags.join(' ')}\n`);
  chmodSync(wrapper, 0o755);
  return startServer({ engine, env: { ...process.env, SNAPBACK_MARIADBD: wrapper } });
}

describeEachEngine(
  ({ engine }) => {
    if (!hasOpenssl()) {
      test('not tried, for want of openssl', () => expect(hasOpenssl()).toEqual(false));
      return;
    }
    const folder = mkdtempSync(join(tmpdir(), 'snapback-tls-'));
    let own: RunningServer;
    let elsewhere: RunningServer;

    beforeAll(async () => {
      makeCertificates(folder);
      own = await serverShowing(engine, folder, 'server');
      elsewhere = await serverShowing(engine, folder, 'elsewhere');
      for (const { url } of [own, elsewhere]) {
        await runStatements(url, [
          'CREATE DATABASE shop',
          "CREATE USER 'tls'@'localhost' IDENTIFIED BY 'pw' REQUIRE SSL",
          "CREATE USER 'x509'@'localhost' IDENTIFIED BY 'pw' REQUIRE X509",
          "GRANT ALL ON *.* TO 'tls'@'localhost'",
          "GRANT ALL ON *.* TO 'x509'@'localhost'",
        ]);
      }
    });
    afterAll(async () => {
      await own.stop();
      await elsewhere.stop();
      rmSync(folder, { recursive: true, force: true });
    });

    const ca = `ca=${join(folder, 'ca.pem')}`;
    const client = `cert=${join(folder, 'client.pem')}&key=${join(folder, 'client.key')}`;
    const wrongCa = `ca=${join(folder, 'other-ca.pem')}`;
    const WARNS = /not checked \(tls=skip-verify\)/;

    test.each([
      ['a certificate of the given authority, for this host', 'own', 'tls', `tls=verify&${ca}`, 0, /^(?!warning)/],
      ['`ca` alone verifies too', 'own', 'tls', ca, 0, /^(?!warning)/],
      ['an unknown authority is refused', 'own', 'tls', 'tls=verify', 9, /SERVER_UNREACHABLE: .*certificate/],
      ['another authority is refused', 'own', 'tls', wrongCa, 9, /SERVER_UNREACHABLE: .*certificate/],
      ['a certificate for another host is refused', 'elsewhere', 'tls', ca, 9, /SERVER_UNREACHABLE: .*127\.0\.0\.1/],
      ['without TLS a login that needs it is refused', 'own', 'tls', '', 9, /LOGIN_REFUSED/],
      ['tls=skip-verify takes any certificate, and says so', 'elsewhere', 'tls', 'tls=skip-verify', 0, WARNS],
      ['a login that needs a certificate shows it', 'own', 'x509', `${ca}&${client}`, 0, /^(?!warning)/],
      ['and is refused without', 'own', 'x509', ca, 9, /LOGIN_REFUSED/],
      ['a file that is not there is named', 'own', 'tls', 'ca=/nowhere/ca.pem', 9, /\/nowhere\/ca\.pem/],
    ])('%s', async (_, which, user, parameters, code, says) => {
      const { port } = new URL((which === 'own' ? own : elsewhere).url);
      const url = `mysql://${user}:pw@127.0.0.1:${port}/shop?${parameters}`;
      const end = await snapback(['runs', '--url', url], workFolder());
      expect({ code: end.code, says: says.test(end.stderr) ? says : end.stderr }).toEqual({ code, says });
    });
  },
  { engines: ['mariadb', 'mysql'], origins: ['binary'] },
);
