// Which sessions a run ends before it puts data back. Account `sys` sees those of every account.

import { expect, onTestFinished, test } from 'vitest';
import { faultOf, never, testEngine } from '../support/engines.ts';
import { loginOf } from '../support/matrixone-facts.ts';
import { describeRecorded } from '../support/recorded.ts';
import { freshDatabase, runStatements, type TestServer } from '../support/servers.ts';

async function accountWithAdmin(server: TestServer, admin: string): Promise<string> {
  const account = freshDatabase('acc');
  await runStatements(server.url, [
    `DROP ACCOUNT IF EXISTS ${account}`,
    `CREATE ACCOUNT ${account} ADMIN_NAME '${admin}' IDENTIFIED BY '111'`,
  ]);
  onTestFinished(() => runStatements(server.url, [`DROP ACCOUNT IF EXISTS ${account}`]));
  return account;
}

describeRecorded((server) => {
  test('later sessions of a login are ended, and not those of a user of the same name in another account', async () => {
    const user = decodeURIComponent(new URL(server.url).username);
    const account = await accountWithAdmin(server, user);
    const sys = await testEngine(server.url);
    const tenants = await testEngine(loginOf(server, `${account}:${user}`));
    const floor = await sys.newestConnectionId(never);
    const theirs = await tenants.openSession('the test', undefined, never);
    const later = { user: `${account}#${user}`, connectionIdFloor: floor };
    const ended = await sys.quiet({ sessions: [], later, spare: [], timeoutMs: 20_000 }, never);
    const again = await tenants.openSession('the test', undefined, never);
    const none = await tenants.quiet({ sessions: [], later: { ...later, user }, spare: [], timeoutMs: 20_000 }, never);
    expect([ended, none]).toEqual([{ ended: 1 }, { ended: 0 }]);
    expect((await faultOf(theirs.query('SELECT 1'))).code).toEqual('CONNECTION_LOST');
    expect((await again.query('SELECT 1')).rows).toEqual([['1']]);
  });
});
