// Logins of a test's own, with the rights that it names and no others.

import { onTestFinished } from 'vitest';
import { freshDatabase, runStatements, type TestServer } from '../support/servers.ts';
import { connectorTo, storeOn, type TestStore } from './store-on.ts';

export interface Login {
  readonly user: string;
  readonly url: string;
  readonly store: TestStore;
  /** Statements of this login. */
  readonly run: (...statements: readonly string[]) => Promise<void>;
}

/** On the databases that are snapback's own. */
export const OWN_GRANTS = ['ALL ON `snapback`.*', 'ALL ON `sb\\_%`.*'] as const;

/** A fresh user with these rights only, and a store on its login. */
export async function loginWith(server: TestServer, ...grants: readonly string[]): Promise<Login> {
  const user = freshDatabase('u');
  onTestFinished(() => runStatements(server.url, [`DROP USER '${user}'@'%'`]));
  await runStatements(server.url, [
    `CREATE USER '${user}'@'%' IDENTIFIED BY 'x'`,
    ...grants.map((grant) => `GRANT ${grant} TO '${user}'@'%'`),
  ]);
  const url = new URL(server.url);
  [url.username, url.password] = [user, 'x'];
  const connector = connectorTo(url.href);
  onTestFinished(() => connector.closeAll());
  const run = (...statements: readonly string[]) => runStatements(url.href, statements);
  return { user, url: url.href, store: await storeOn(server, connector), run };
}
