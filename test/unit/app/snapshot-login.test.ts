import { expect, test } from 'vitest';
import { urlOfLogin, type LoginFlags } from '../../../src/app/snapshot-login.ts';

const NOTHING: LoginFlags = {
  url: undefined,
  host: undefined,
  port: undefined,
  user: undefined,
  password: undefined,
  passwordEnv: undefined,
  passwordFile: undefined,
};

test.each([
  ['acc1#admin', 'mysql://acc1%23admin:p%40s%3As@127.0.0.1:6001/'],
  ['acc1:admin', 'mysql://acc1%3Aadmin:p%40s%3As@127.0.0.1:6001/'],
])('the user %s is percent-encoded into the URL', async (user, url) => {
  expect(await urlOfLogin({ ...NOTHING, user, password: 'p@s:s' }, {})).toEqual(url);
});

test('a password from a variable stands above the one in the URL', async () => {
  const flags = { ...NOTHING, url: 'mysql://root:old@db1:3306/shop', passwordEnv: 'PW' };
  expect(await urlOfLogin(flags, { PW: 'a#b%c' })).toEqual('mysql://root:a%23b%25c@db1:3306/shop');
});

test('without flags the login is DATABASE_URL', async () => {
  expect(await urlOfLogin(NOTHING, { DATABASE_URL: 'mysql://root@db1/shop' })).toEqual('mysql://root@db1/shop');
});

test.each([
  ['no server at all', NOTHING],
  ['a URL and a host', { ...NOTHING, url: 'mysql://root@db1/', host: 'db2' }],
  ['a host without a user', { ...NOTHING, host: 'db2' }],
  ['two passwords', { ...NOTHING, user: 'root', password: 'a', passwordEnv: 'B' }],
])('%s is refused as a usage error', async (_, flags) => {
  await expect(urlOfLogin(flags, {})).rejects.toHaveProperty('code', 'USAGE');
});
