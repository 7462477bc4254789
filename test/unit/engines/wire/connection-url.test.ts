import { describe, expect, test } from 'vitest';
import { databaseUrlForPrograms, parseConnectionUrl } from '../../../../src/engines/wire/connection-url.ts';

/** The parts with the password in the open, or the problem. */
function parsed(url: string) {
  const result = parseConnectionUrl(url);
  return result.kind === 'err' ? result.problem : { ...result.value, password: result.value.password.reveal() };
}

const NO_TLS = { kind: 'off', caPath: undefined, certificatePath: undefined, keyPath: undefined };

describe('a connection URL', () => {
  test('names user, password, host, port and database', () => {
    expect(parsed('mysql://root:secret@db.example:3307/shop')).toEqual({
      host: 'db.example',
      port: 3307,
      user: 'root',
      password: 'secret',
      database: 'shop',
      socketPath: undefined,
      tls: NO_TLS,
    });
  });

  test('leaves out what is usual: port 3306, no password, no database', () => {
    const plain = { ...NO_TLS };
    const expected = {
      host: '::1',
      port: 3306,
      user: 'root',
      password: '',
      database: undefined,
      socketPath: undefined,
    };
    expect(parsed('mysql://root@[::1]')).toEqual({ ...expected, tls: plain });
    expect(parsed('mariadb://root@[::1]/')).toEqual({ ...expected, tls: plain });
  });

  test.each([
    ['mysql://acc1%3Aadmin:111@h:6001/d', 'acc1:admin', '111'],
    ['mysql://acc1%23admin:111@h:6001/d', 'acc1#admin', '111'],
    ['mysql://root:p%40ss%2Fw%3Ard@h/d', 'root', 'p@ss/w:rd'],
    ['mysql://acc:admin:pw@h/d', 'acc', 'admin:pw'],
  ])('%s logs in as %s', (url, user, password) => {
    expect(parsed(url)).toEqual(expect.objectContaining({ user, password }));
  });

  test('takes TLS files, which mean that the server is verified', () => {
    expect(parsed('mysql://u@h/d?ca=%2Fetc%2Fca.pem&cert=c.pem&key=k.pem')).toEqual(
      expect.objectContaining({
        tls: { kind: 'verify', caPath: '/etc/ca.pem', certificatePath: 'c.pem', keyPath: 'k.pem' },
      }),
    );
    expect(parsed('mysql://u@h?tls=skip-verify')).toEqual(
      expect.objectContaining({ tls: { ...NO_TLS, kind: 'skip-verify' } }),
    );
  });

  test('may name a socket, host and port are for people then', () => {
    expect(parsed('mysql://u@localhost/d?socket=%2Frun%2Fmysqld.sock')).toEqual(
      expect.objectContaining({ host: 'localhost', socketPath: '/run/mysqld.sock', database: 'd' }),
    );
  });

  test.each([
    ['shop', 'this is not a URL; write mysql://user:password@host:port/database'],
    ['postgres://u@h/d', 'a connection URL starts with mysql://, not postgres://'],
    ['mysql://acc#admin:pw@h/d', 'write `#` as %23 in a connection URL'],
    ['mysql://h/d', 'the connection URL names no user'],
    ['mysql:///d', 'the connection URL names no host'],
    ['mysql://u:100%@h/d', 'a % in a connection URL starts a two-digit code; write a plain % as %25'],
    ['mysql://u@h/d?ssl=true', 'unknown parameter `ssl`; known are tls, ca, cert, key, socket'],
    ['mysql://u@h/d?tls=maybe', '`tls` is verify, skip-verify or off'],
    ['mysql://u@h/d?tls=off&ca=x', '`tls=off` does not go with ca, cert or key'],
    ['mysql://u@h/d?cert=x', '`cert` and `key` go together'],
  ])('%s is refused', (url, problem) => {
    expect(parsed(url)).toEqual(problem);
  });

  test('is never quoted in a problem, for it holds a password', () => {
    for (const url of ['mysql://u:hunter2@h/d?nope=1', 'hunter2', 'mysql://u:hunter2%@h', 'x://u:hunter2@h']) {
      expect(JSON.stringify(parsed(url))).not.toContain('hunter2');
    }
  });
});

test('other programs get the URL without the parameters that are ours', () => {
  expect(
    ['mysql://u@h/d', 'mysql://u@h/d?tls=verify&ca=x', 'mysql://u@h/d?tls=off&charset=utf8'].map(
      databaseUrlForPrograms,
    ),
  ).toEqual(['mysql://u@h/d', 'mysql://u@h/d', 'mysql://u@h/d?charset=utf8']);
});
